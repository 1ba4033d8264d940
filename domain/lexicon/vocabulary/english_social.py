"""English words of family, friends and company."""

from typing import Final

WORDS: Final = """
social 3:
family families friend friends friendship buddy buddies pal mate bestie roommate flatmate housemate
neighbour neighbor neighbours neighbourhood colleague colleagues coworker coworkers teammate mum mom mummy
mommy mother mama mam dad daddy father papa parent parents sister brother sibling siblings son daughter
child children kid kids baby toddler newborn infant teen teenager grandma grandpa granny grandmother
grandfather grandad granddad grandparent grandparents grandchild grandson granddaughter nan nana gran uncle
aunt auntie cousin nephew niece husband wife spouse partner boyfriend girlfriend fiance fiancee inlaws
motherinlaw godmother godfather godson relatives kin household stepson stepdaughter twins date dating
romance romantic anniversary wedding engagement honeymoon babyshower party parties birthday celebration
celebrate reunion gathering gettogether housewarming barbecue bbq potluck festival carnival christmas
thanksgiving eid nowruz hanukkah easter diwali iftar picnic meetup social socialise socialize socialising
socializing hangout mingle mixer icebreaker conversation chat chatting talk talking gossip catchup banter
smalltalk phonecall videocall facetime zoom skype whatsapp telegram discord texting text message messaging
reply postcards meeting meetings oneonone conference convention townhall volunteer volunteering charity
fundraiser fundraising donation soupkitchen shelter foodbank community communal neighbourly outreach
activism campaign campaigning canvassing protest teacher tutor tutoring coaching onboarding pairing
babysitting babysitter childcare parenting caregiving caregiver caring eldercare nursinghome visitor guest
guests hospitality welcome church mosque synagogue congregation choirpractice pub nightclub clubbing
teambuilding playdate playground schoolrun storytime cuddling hugging apology forgive empathy sympathy
condolence funeral interview negotiate toastmasters debateclub publicspeaking speech boardgame boardgames
charades monopoly dnd pictionary bingo mediation congratulations girls boys ladies lads guys bachelorette
hen stag prom valentine soulmate bestfriend bff godchild goddaughter stepmother stepfather stepmum stepdad
foster adoption auntie's grandmas grandpas nanny carer caretaker ancestors newlyweds elders farewell goodbye
graduation baptism christening barmitzvah quinceanera halloween hanami parade fair sleepover potlucks
playgroup mums dads moms toddlers cohost networking mingling socials happyhour mixers reunions collaborating
collaborate collaboration cooperate allhands kickoff offsite debrief checkin offboarding recruiting
recruitment hiring interviewees mentee mentees apprentice intern interns tutee pupil pupils classmates
classmate alumni fraternity sorority scouts scout guides rotary lions hospice samaritans redcross mission
blooddrive fostering petition rally canvass confide forgiveness zoo teens juniors parentsinlaw youngsters
schoolkids orphan orphans widow widower grandkids grandchildren grandnephew stepfamily firstdate girlfriends
boyfriends roommates flatmates housemates teammates workmates bandmates pals mates homie crewmate penpal
penfriend bakesale bazaar funday streetparty blockparty barnraising townfair seder interpersonal friendly
sociable extrovert shyness smalltalks flirting flirt kissing kiss affection affectionate babytime kidtime
mumtime familytime stepkids hubby wifey sis bro fam bday xmas hangouts gf bf

social 3 verb:
mentor mentoring teach teaching visit visiting host hosting congratulate thank apologise apologize comfort
mediate invite babysit cuddle hug call phone meet greet support accompany entertain help helping bond
bonding

social 2:
calls calling group club society committee council crew guild tribe circle people person human everyone
together partnering relationship relationships couple couples marriage love loving intimacy kindness
compliment connect connecting contact contacts correspondence letter letters card cards feedback discuss
discussion discussing ask introduce introducing inviting event events drinks bar pubs cafe restaurant outing
dungeons poker uno mafia bridge dominoes scrabble catan nursery kindergarten daycare diaper diapers nappy
stroller pet petting puppy kitten cat dogs refugee elderly senior seniors homeless orphanage patient
customer customers audience sync retro retrospective scrumcall facilitation moderate moderating lead leading
leadership delegate vote voting election choirmate share sharing trip travel reconnect reconnecting manager
boss supervisor stakeholders clients investor investors attendees participants members member barista waiter
stranger strangers tourists foreigners immigrants newcomers breastfeeding breastfeed nursing potty tantrum
pram crib swaddle burp lullabies carcassonne risk jenga twister cluedo trivial pooltable instagram facebook
tinder bumble twitter reddit pets hamster rabbit parrot pta

social 2 energy 1:
dine dining
"""
