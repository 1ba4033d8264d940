"""English words of health, rest, food and care for oneself."""

from typing import Final

WORDS: Final = """
energy 3:
sleep nap siesta snooze bedtime rest resting relax relaxation relaxing unwind unwinding recharge recover
recovery recuperate lie doze slumber insomnia melatonin pillow hammock idle chill chilling decompress
meditate meditation mindful mindfulness zen vipassana mantra breathe breath breathing breathwork pranayama
wimhof headspace calm bodyscan savasana nidra reiki sauna steam steambath jacuzzi hottub spa massage
acupuncture aromatherapy bath bathe bathing bubblebath shower showering cryotherapy coldplunge icebath cold
sunbathe sunbathing hygiene skincare moisturise moisturize facial mask sunscreen floss flossing teeth
brushing mouthwash shave shaving haircut barber grooming manicure pedicure nails hair shampoo makeup
deodorant health healthy wellness wellbeing doctor dentist hospital clinic gp checkup appointment vaccine
vaccination vaccinated medicine medication pill vitamin supplement therapy therapist counselling counseling
psychotherapy physiotherapy physiotherapist rehab rehabilitation chiropractor osteopath optometrist
dermatologist bloodtest bloodpressure diabetes insulin cholesterol asthma allergy migraine headache pain
ache injury fever flu illness sick detox hydrate hydration water fasting fast diet dieting nutrition
nutritious calorie protein vegan keto smoothie juice vegetable veggies salad fruit vegetarian snack eat
eating soup porridge oatmeal yoghurt yogurt sandwich gratitude affirmation pray prayer praying worship mass
rosary namaz quran bible devotion devotional spiritual retreat serenity peace quiet silence stillness
selfcare stress anxiety burnout depression compress bandage ointment eye eyedrops hydrotherapy toothbrush
toothbrushing hospitalisation tanning sunlight daylight wind lounging laze lazing daydreaming daydream quit
smoking sober sobriety antibiotics antibiotic painkiller aspirin ibuprofen paracetamol inhaler bloodwork
mammogram ultrasound mri colonoscopy endoscopy orthodontist braces cardiologist psychiatrist psychologist
gynaecologist paediatrician pediatrician podiatrist homeopathy ayurveda herbal herbs probiotics magnesium
zinc omega electrolytes fibre fiber gut digestion probiotic immune immunity hormones menstruation period
pregnancy prenatal antenatal midwife sprain fracture bruise scar rash eczema acne sunburn toothache earplugs
eyemask nightcap curfew bedroom mattress duvet pyjamas pajamas lullaby dreams dreaming nightsleep cooldown
cool soaking chamomile camomile herbaltea matcha greentea tonic broth oats avocado egg eggs fruits apple
banana berries spinach broccoli lentils beans nuts almonds oat granola muesli tofu chicken salmon rice
potato potatoes cereal toast milk kefir honey ginger turmeric lemon hunger appetite portion macros
micronutrients lowcarb glutenfree sugarfree paleo mediterranean whole30 weightloss slimming exhale inhale
heartbeat pulse vagus chakra mudra om chanting bhakti satsang dharma buddhist buddhism zazen psalm gospel
scripture eucharist confession lent sabbath shabbat dhikr tasbih dua salah fajr dhuhr asr maghrib isha
taraweeh contemplation contemplate reflection reflect introspection acceptance compassion tapping
reflexology shiatsu cupping moxibustion hypnosis hypnotherapy biofeedback exfoliate moisturizer moisturiser
serum lotion cleanse cleansing pluck eyebrows eyelashes waxing epilation beard toenails fingernails
conditioner bidet tongue deo freshen sanitary hairdresser beautician salon solarium acupressure lung
kneepain rehabilitate convalesce convalescence immunotherapy chemotherapy chemo dialysis radiotherapy
hearing vision tension soften soothing soothe tranquil tranquility tranquillity restful restorative
rejuvenate refresh refreshing energise energize refuel restfulness nightmare snore snoring apnoea cpap
jetlag sleepmask bedtimes lightsout sundown vegetables peas carrots cucumber tomato tomatoes lettuce kale
avocados nutritionist dietitian dietician hydrating fluids aftercare outpatient inpatient vaccinations
bloods smear cervical prostate physiological immunisation detoxing bloat naptime zzz bedrest sunbath catnap
restday snoozing meditations breathes calming calmness mindfulnesses laundrette dryer dentistry flossed
hygienist dermatology physios rehabbing

energy 2:
break pause cosy cozy couch sofa bed blanket tv television netflix series episode movie film youtube binge
scroll listen podcasting slow wash rinse dishes laundry ironing iron fold folding tidy tidying declutter
decluttering clean cleaning dust dusting sanitise disinfect housekeeping food feed nourish drink drinking
wake waking morningroutine screenfree unplug sit feelings mood emotion emotional mental care heal healing
symptom treatment nurse scan xray surgery prescription pharmacy toilet bathroom perfume soak feet heart
lungs weighing weight bodyfat sugar alcohol caffeine vet cigarettes cigarette vaping nicotine cravings
bloating joint joints knee knees spine neck ankle wrist elbow sitting lazy loaf vacation holiday holidays
staycation dayoff leisure screentime bluelight dishwashing washing sheets towels closet tidyup bins trash
rubbish recycling hydro temperature cinema sitcom show shows twitch streaming audiobook audiobooks asmr
ambience ambient lofi rain cocoa clouds screens screen dusk peaceful relaxed gentle yawn blankets fireplace
campfire balcony terrace view sea waves birdsong

energy 2 creativity 1:
mealprep breakfastprep juicing

energy 2 light:
listening watch watching see breakfast lunch dinner supper brunch meal tea coffee

energy 2 physique 1:
standing sunrise sunset fresh airing sunshine forestbathing grounding
"""
