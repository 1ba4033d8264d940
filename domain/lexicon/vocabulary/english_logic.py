"""English words of study, work and thought."""

from typing import Final

WORDS: Final = """
logic 3:
math maths mathematics arithmetic algebra geometry trigonometry calculus integral derivative differential
equation equations statistics statistical probability combinatorics topology matrix matrices vector theorem
proof number fraction percentage multiplication division logarithm polynomial physics chemistry chemical
biology biochemistry genetics genomics anatomy physiology neuroscience astronomy astrophysics cosmology
quantum mechanics thermodynamics electromagnetism relativity optics geology geography ecology botany zoology
microbiology immunology pharmacology epidemiology science scientific laboratory lab experiment hypothesis
psychology sociology anthropology archaeology philosophy logic ethics linguistics grammar vocabulary vocab
syntax phonetics semantics etymology economics microeconomics macroeconomics econometrics accounting
bookkeeping politics history historical civics law legal paralegal jurisprudence theology electronics
engineering mechatronics robotics robot aerospace study studying homework coursework assignment exam exams
midterm finals quiz revision revise lecture seminar thesis dissertation syllabus textbook flashcard anki
notes notetaking tutorial mooc coursera udemy edx khan duolingo gre gmat toefl ielts sat lsat mcat gcse
degree certification dictionary encyclopedia wikipedia nonfiction research paper papers arxiv journalarticle
literaturereview citation bibliography english spanish french german italian portuguese russian chinese
mandarin cantonese japanese korean arabic persian farsi hindi urdu turkish dutch swedish norwegian danish
finnish polish greek latin hebrew kanji hiragana katakana pinyin language translate translation translator
program programming programmer code coding coder software developer refactor refactoring compile compiler
algorithm datastructure leetcode hackerrank codewars adventofcode python java javascript typescript rust
golang cpp csharp kotlin swift ruby php perl haskell scala sql mysql postgres postgresql mongodb redis
database html css react vue angular django flask tornado api backend frontend fullstack devops docker
kubernetes linux unix bash shell terminal git github gitlab commit pullrequest merge deploy deployment
server network firewall cybersecurity hacking ctf cryptography encryption cloud aws azure script scripting
regex json xml pipeline microservice unittest pytest bug ticket jira sprintplanning backlog machinelearning
deeplearning neural tensorflow pytorch datascience dataset data analytics analysis analyst model modelling
modeling simulation spreadsheet excel pivot dashboard tableau powerbi visualisation visualization forecast
matlab latex arduino raspberrypi circuitry soldering solder finance financial budget budgeting invest
investing investment stock stocks trading trader crypto bitcoin tax taxes invoice invoices invoicing payroll
expense expenses receipt receipts bank banking mortgage insurance pension bills bill savings ledger audit
auditing accountant chess sudoku crossword puzzle puzzles riddle rubik rubiks brainteaser wordle kenken
nonogram checkers backgammon strategy tactics endgame gambit trivia planner schedule scheduling calendar
roadmap agenda todo prioritise prioritize okr optimise optimize calculation compute estimate estimation spec
specification requirements report reporting proposal memo documentation email emails inbox admin paperwork
form forms filing spreadsheets procurement logistics compliance contract contracts resume cv jobsearch
jobapplication application interviewprep linkedin troubleshooting diagnostics diagnosis maintenance wiring
plumbing news newspaper documentary kanban scrum agile pomodoro memory memorise memorize memorization
mnemonics verbs verb noun nouns tense tenses conjugation conjugations declension adjectives prepositions
spelling idioms dictation pronunciation bilingual multilingual ukrainian czech romanian hungarian vietnamese
thai indonesian swahili esperanto branch changelog codebase repo repository interpreter parser kernel driver
firmware embedded fpga verilog vhdl webhook endpoint authentication oauth migration index caching cache
latency throughput benchmark profiling observability grafana prometheus terraform ansible nginx helm
microservices kafka rabbitmq elasticsearch snowflake spark hadoop pandas numpy scipy sklearn jupyter
notebook llm chatgpt prompt prompts prompting ai nlp opencv unity unreal godot flutter swiftui android ios
dart elixir erlang clojure lisp prolog cobol fortran julia assembly bayes bayesian regression variance anova
eigenvalues eigenvalue manifold fourier laplace odds fractions decimals percentages primes divisibility
inequality inequalities worksheet worksheets kant plato aristotle nietzsche stoicism marx freud darwin
einstein newton euler gauss periodic stoichiometry titration spectroscopy chromatography pathology histology
cytology virology oncology cardiology toxicology mba cpa cfa pmp cissp ccna comptia usmle nclex hsk jlpt
dele delf goethe barexam bachelor phd postdoc masters curriculum transcript scholarship grant fellowship
journalclub preprint amortisation amortization depreciation reconcile reconciliation balancesheet cashflow
ebitda valuation dividend dividends etf bonds portfolio retirement pensions refinance loan loans debt credit
fees tariff tariffs subscription subscriptions bureaucracy applications registration embassy notary lawsuit
deed debugger multimeter oscilloscope voltmeter transistor resistor capacitor pcb drone quadcopter checkbook
chequebook cheque pitchdeck morse wireshark cubing speedcubing constitution amendment treaty geopolitics
government parliament economy inflation volcano volcanoes climate climatology meteorology oceanography
paleontology palaeontology mineralogy crystallography hydrology evolution dinosaurs planets galaxy cognition
heuristics syllogism fallacy fallacies rhetoric hermeneutics epistemology metaphysics ontology phenomenology
pharmacokinetics biostatistics bioinformatics informatics cybernetics nanotechnology metallurgy hvac
carburetor alternator sparkplug brakes suspension clutch transmission exhaust odometer wrench screwdriver
spanner toolbox tenancy lease landlord utilities electricity broadband claim claims reimbursement
permutation permutations modulo integer integers binary hexadecimal boolean recursion recursive loop loops
array arrays pointer pointers stack queue heap hash hashing dijkstra bfs dfs concurrency threads async mutex
deadlock uml css3 html5 sass webpack vite nextjs nodejs node svelte jquery tailwind wordpress shopify
crawler scraping scraper bot bots chatbot chem bio calc stats trig econ psych polisci compsci uni dev prog
docs maths101 stat algo algos dsa leet oop eng ling geo hist sci stem olympiad abacus toaster microwave
vacuumcleaner doorbell intercom antenna faucets pipe pipes wires wire cables cable circuits hardware gadget
gadgets nonfictional essaycollection encyclopedias sapiens textbooks articles journals magazine magazines
economist headline headlines

logic 3 verb:
fix solve repair repairing analyse analyze diagnose diagnosing troubleshoot debug debugging calculate
investigate evaluate plan planning

logic 3 light:
read reading

logic 2:
book books article reader ebook kindle library school university college campus course student classroom
academic education educational learnings tutorialling office job desk business startup company client task
deadline deskwork remote freelancing freelance career professional marketing seo sales product management
operations strategyplan review reviewing summarise summarize outline essay abstract presentation slides
powerpoint keynote organise organize organising sort sorting file categorise archive inventory list
checklist untangle compare measure count counting test testing experimenting tinker tinkering configure
configuration setup install installing update upgrade computer laptop pc website web app domain automation
engine mechanic electrical electrician car motor gearbox carburettor oil brake tyre tire boiler dishwasher
printer router appliance leak sink faucet think thinking reason reasoning critical debate problem problems
decision concept theory knowledge fact facts learnt skill map navigation compass typing touchtyping
keyboarding archivist genealogy cognitive brain dissect diagram flowchart mindmap chart graph table metrics
kpi rent quote negotiation purchase order warranty passport licence license permit consulting consultation
policy regulation patent entrepreneurship cube solitaire tetris minesweeper assemble assembling ikea
flatpack fuse socket lightbulb thermostat hinge lock shelf shelves drain washer fridge heater radiator
battery charger backup backups password passwords folders folder drive dropbox notion obsidian evernote
trello slack airtable crossref footnote appendix bullet memos survey surveys questionnaire competitor
persona stakeholder okrs quarterly forecasts warehouse supply biography encyclopaedia atlas almanac ted
webinar webinars elearning hypothesise hypothesize deduce infer verify proofread proofreading annotate
annotating highlight skim skimming geoguessr chessboard jigsaw wordsearch anagram anagrams shortcuts vim
emacs vscode intellij choosing decide assess assessment inspect inspection monitor calibrate calibrating
optimization optimisation insights

logic 1 light:
learn learning work working practise

logic 1:
lesson focus deepwork concentrate prepare prep preparation game videogame gaming console minecraft online
internet search workshop shopping shop groceries grocery errand money sell buy

logic 2 verb:
replace replacing

logic 2 light:
project projects
"""
