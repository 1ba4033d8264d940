"""English words of body, sport and strength."""

from typing import Final

WORDS: Final = """
physique 3:
sport athletics athlete athletic gym workout fitness cardio aerobic aerobics hiit crossfit tabata
calisthenics plank pushup pullup chinup situp burpee squat lunge deadlift bench benchpress barbell dumbbell
kettlebell weightlifting powerlifting bodybuilding lifting treadmill elliptical stairmaster stepper biceps
triceps abs glute core quads hamstring shoulder legs chest muscle hypertrophy strength bodyweight pilates
barre zumba spinning bootcamp circuit plyometrics mobility flexibility warmup gymnastics gymnast tumbling
acrobatics trampoline parkour jog jogging sprint marathon triathlon duathlon decathlon ironman 5k 10k
parkrun interval hurdle relay javelin discus shotput swim swimming backstroke breaststroke butterfly
freestyle snorkel snorkelling snorkeling scuba diving freediving paddle kayak kayaking canoe canoeing rowing
rower raft rafting sail sailing surf surfing windsurf windsurfing kitesurf kitesurfing wakeboard waterski
waterpolo aquafit aquagym wrestling wrestle judo karate taekwondo aikido jiujitsu bjj mma boxing kickboxing
sparring fencing sumo capoeira kungfu muaythai dojo krav football soccer futsal rugby basketball volleyball
handball netball baseball softball cricket hockey lacrosse tennis badminton squash padel pickleball pingpong
racquetball golf frisbee kickball dodgeball korfball hurling polo bowling bowls archery skateboarding
skateboard longboard skating rollerblade rollerblading rollerskate rollerskating ski skiing snowboard
snowboarding snowshoe sled sledding luge bobsleigh biathlon curling bouldering boulder climb climbing
rappelling abseiling mountaineering hike hiking trek trekking trail backpacking orienteering rambling nordic
cycling cyclist bike bicycle biking peloton bmx velodrome cardiotraining stamina endurance agility
equestrian horseback horseriding dressage slackline slacklining skipping jumprope pole hula hulahoop stadium
scrimmage freerunning canyoning paragliding skydiving paintball lasertag skeleton canoeist cyclocross
triathlete footballer golfer swimmer tricking wallball burpees trampolining cardioworkout powerwalk hiker
climber boxer shadowboxing legpress pulldown dips handstand cartwheel somersault backflip headstand splits
steeplechase pentathlon racewalking rockclimbing treadmillrun crosstrainer ergometer erg ellipticals kayaker
bodyboard bodyboarding paddleboarding paddleboard sup tubing wakeboarding kiteboarding windsurfer bungee
zipline ziplining mountainbike mountainbiking mtb gravelride touring fixie unicycle unicycling skates
rollerski scooting tackle dribble slamdunk layup freethrow serve volley smash backhand forehand putting
sprinting kata kumite randori kendo iaido savate taebo bokwa jazzercise stepaerobics aquarobics aerial silks
rebounder strongman strongwoman ultimate sculling scull parallel vault hoop hoops lyra trapeze acro acroyoga
contortion circus poi spartan toughmudder ninja cheer yoyo discgolf footgolf teqball beachvolley sepak
kabaddi khokho camogie shinty bandy floorball unihockey ringette broomball curler tball quidditch tchoukball
sepaktakraw jai fives croquet petanque boules bocce snooker billiards darts foosball airhockey tabletennis
rounders kitefoil foil hydrofoil wingfoil skimboard canoepolo regatta dinghy yacht yachting coxswain oar
oars apnea mermaiding synchro diver sandbag farmerswalk snatch jerk thruster emom amrap wod rpe trx bosu
swissball gymball bodypump bodycombat callisthenics isometrics eccentric plyo plyometric cardiovascular
vo2max zone2 fartlek intervals tempo strides cadence triathlons swimrun aquathlon ultramarathon ultra belay
topo crag hangboard campusboard mountaineer alpinism alpine glacier glaciers cave caving spelunking canyon
bushcraft geocaching showjumping vaulting rodeo lasso pony stable mucking fitbit stepcount roller derby

physique 3 verb:
run jump skip lift stretch throw

physique 2 light:
move moving train training exercise exercises drills

physique 2 energy 1:
walk walking stroll stretching vacuum hoover mop scrub sweep mow lawn rake shovel yardwork chore housework
foam steps physio posture sweat

physique 3 energy 1:
yoga yogi asana vinyasa ashtanga hatha taichi qigong sunsalutation bikram

physique 2:
push squats kick ball court pitch pool track race match goalie goalkeeper striker tournament dribbling
penalty team coach garden gardening weeding weed planting dig digging chop chopping firewood wood hauling
haul lug pack unload loading pull ride riding horse drill warm pedal outdoor hill mountain peak summit wall
ropes rope rings bars lake river beach ice rink skate landscaping prune pruning hedge leaves compost
greenhouse snow shed scaffolding bricklaying plastering fish fishing hunting hunt foraging camp camping tent
scouting wheelbarrow stairs lap laps reps sets body tone toning burn commute scooter furniture carwash
gutter bicep tricep pecs lats delts deltoids calf calves trapezius forearm grip thigh hips axe saw logs
splitting lumber weeds seedlings potting transplanting mulch hoe spade pitchfork trampling squad athleticism
footwork cooldownrun stretchband bands rollers ladder obstacle roofing drywall demolition tiling paving
concrete patio fence cleaningwindows windows attic basement garage boxes crates heavylifting windowcleaning
gutters poolcleaning snowblower lumberjack chainsaw wheelbarrows digger plough ploughing harvest harvesting
allotment orchard polytunnel barn farm farming farmwork milking sowing sow torso hipflexor glutes adductor
achilles plantar

physique 2 creativity 1:
dance dancing dancer ballet salsa tango bachata waltz foxtrot hiphop breakdance breakdancing ballroom swing
flamenco tap choreography merengue kizomba twerk lindy samba rumba jive belly folkdance cheerleading irish
clog bolero charleston quickstep paso cha zouk kpop kathak bharatanatyam ceilidh linedance squaredance

physique 1 energy 1:
active plant dog air nature park

physique 2 verb:
carry
"""
