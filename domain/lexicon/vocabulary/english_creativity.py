"""English words of arts, music, writing and crafts."""

from typing import Final

WORDS: Final = """
creativity 3:
art arts artist artistic artwork drawn sketchbook doodle doodling painter watercolor watercolour watercolors
watercolours acrylic gouache oilpainting charcoal pastel pastels crayon inking ink illustration illustrate
illustrator cartoon comic comics manga anime storyboard portrait stilllife mural graffiti fresco calligraphy
lettering typography font printmaking linocut etching engraving screenprint lithography sculpt sculpture
sculpting clay pottery potter ceramics ceramic kiln porcelain mosaic collage decoupage scrapbook
scrapbooking origami papercraft quilling colouring coloring mandala zentangle pixelart procreate photoshop
canva figma blender gimp inkscape indesign aftereffects animate animation animator vfx rendering
storyboarding photo photos photograph photography photographer camera lightroom darkroom portraiture
filmmaking cinematography vlog vlogging videography videoediting screenplay screenwriting moodboard guitar
piano violin viola cello bass doublebass ukulele banjo mandolin harp lute sitar oud setar santur daf tombak
kamancheh ney drum drums drumming drummer percussion bongo cajon tabla xylophone marimba flute clarinet oboe
bassoon saxophone sax trumpet trombone tuba horn harmonica accordion bagpipes organ synth synthesizer
synthesiser keyboard kalimba theremin didgeridoo ocarina melodica glockenspiel bagpipe fiddle lyre zither
music musical musician song songs songwriting singing singer vocal vocals choir chorus karaoke opera
orchestra symphony sonata concerto etude arpeggio chords chord melody harmony rhythm solfege composer
composition beatmaking beats dj djing remix mixing mastering ableton logicpro garageband jam jamming band
riff rap rapping lyrics lyric beatbox beatboxing improvise improvisation improv writer author novel story
stories storytelling shortstory fiction fanfiction nanowrimo poem poems poetry poet haiku sonnet limerick
prose memoir playwriting blog blogging blogpost journal journaling journalling diary copywriting creative
creativity worldbuilding manuscript essayist worldbuild craft crafts crafting crafty handicraft diy knit
knitting crochet crocheting sew sewing embroider embroidery needlework needlepoint crossstitch quilt
quilting weaving weave loom macrame tatting felting yarn tailoring dressmaking dyeing tiedye batik
leatherwork leathercraft woodwork woodworking woodcarving carpentry carve carving whittle whittling
woodturning lathe marquetry upholstery metalwork blacksmithing forge welding jewelry jewellery jewelrymaking
beading beads beadwork wirework silversmithing glassblowing stainedglass candle candlemaking soap soapmaking
bookbinding modelmaking miniatures warhammer lego dollhouse cosplay costume origamist resin 3dprinting
floristry flowers bouquet ikebana bonsai wreath terrarium bake baking baker pastry sourdough cake cakes
cupcakes cookies macarons croissant dough design designing designer redesign decoration interior fashion
styling invent invention brainstorm brainstorming ideation imagination imagine prototype theatre theater
acting actor audition drama rehearsal rehearse monologue puppetry puppet juggling comedy standup clowning
mime gallery exhibition museum aesthetic creator filming cameraman bach beethoven mozart chopin debussy
nocturne prelude fugue rachmaninoff schubert vivaldi scales scale sheetmusic sightreading solfeggio
musicianship busking acoustic guitarist pianist violinist cellist flautist saxophonist bassist vocalist
soprano alto tenor baritone falsetto yodel vibrato handlettering charcoals ecoprint gelli monoprint
woodblock engraver airbrush enamel enameling crocheted amigurumi weaver patchwork applique smocking sashiko
bargello darning mending hemming millinery cobbling saddlery basketry wicker rattan whittler joinery
dovetail luthier luthiery papermaking papier mache kirigami popup silhouettes stamping stencilling embossing
wireart perfumery resinart mosaics tilework glazing wheelthrowing raku figurine figurines terracotta
monologues screenwriter playwright dramaturgy puppeteer cabaret burlesque musicals busker magician illusion
memoirs autobiography novella chapbook stanza rhyme rhymes villanelle ghazal verses ballad zine zines
storyboards keyframe rigging-3d sculptris zbrush maya cinema4d davinci premiere finalcut audacity reaper
flstudio mixtape sampler sampling turntable soundscape foley fondant frosting pretzels brioche scones
muffins muffin brownies baguette focaccia pierogi gnocchi tiramisu cheesecake pavlova meringue choux eclair
truffle truffles fudge caramel bonbons marzipan costumes props cosplayer wig makeupart bodyart henna tattoo
tattooing nailart stitchwork stitching stitch lino felt fabric textile textiles sewn knitwear embroiderer
handspun spindle ukelele mandola bouzouki balalaika erhu koto shamisen guzheng sitarist tambourine triangle
castanets cymbals snare timpani vibraphone euphonium cornet bugle flugelhorn piccolo panpipes recorder
concertina harpsichord clavichord celesta theorbo hurdygurdy handpan djembe congas bodhran tambura tanpura
veena santoor impressionism cubism sculptor sculptress easelwork brushwork inktober plein figuredrawing
gesture perspective shading hatching crosshatching tonal sketchnote sketchnotes artjournal gouaches brushpen
nib inkwell illuminated monogram letterpress risograph risoprint satire parody sketchcomedy comedian
improvising spokenword slam essays novelist novels storyteller fable fairytale folktale myth legend saga
trilogy plot protagonist dialogue epilogue prologue antagonist worldmap fantasy scifi thriller whodunit
playwrights libretto musicvideo shortfilm bartending coffeeart chocolatier soapbox soapmaker candlemaker
florist terrariums chalk spraypaint spray airbrushing linoleum cosplays oils doodler calligrapher tattooist
beat drumline acapella cappella ensemble quartet trio aria lieder keyboardist ukuleles strings brass
woodwind woodwinds metronome fretboard capo plectrum bowing embouchure

creativity 2:
cartography perform recital concert gig jazz blues techno classical metal rock reggae folk pop punk
orchestral tune tuning strum fingerpicking hum whistle recording podcast youtubevideo video editing montage
thumbnail reel tiktok content colour color palette canvas brush easel pencil pen stencil sticker stamp
postcard scrap handmade upcycling upcycle restore restoration refurbish birdhouse wooden toymaking diorama
puppetshow edit chapterdraft draft drafting caption newsletter playdough slime sandcastle gingerbread icing
fermentation brewing kombucha homebrew cocktail mixology studio atelier vase plates ring necklace bracelet
earrings scarf sweater sweaters sock dress quilted magic invitation gift wrapping poster logo flyer brochure
banner icon balloon gem hanger wreaths garland ornament ornaments lantern kite birdhouses dollmaking toys
puppets varnish sanding chair stool woodshop pumpkin snowflakes visionboard slideshow album scrapbooks
invitations greeting bookmarks lens aperture shutter macro bokeh landscape landscapes panorama timelapse
reels shorts trailer doodles fanart oc character characters doll dolls

creativity 3 light:
write writing

creativity 2 logic 1:
gamedev gamedesign webdesign ux ui architecture architect cad sketchup autocad invented essaywriting
journalism columnist

creativity 2 energy 1:
cook cooking chef recipe recipes roast grill grilling cuisine pasta pizza bread curry stew lasagna risotto
sushi dumplings pancakes omelette casserole pickling canning pie tart jams marmalade sauce culinary kitchen
ramen noodles burger taco dessert chocolate kimchi ferment fermenting sauerkraut chutney roux marinade
marinate braise simmer saute fry frying wok tandoori paella tapas falafel hummus shakshuka pho bibimbap
tempura gyoza pierogies goulash strudel schnitzel fondue quiche souffle lasagne carbonara pesto ravioli
polenta tortilla tortillas enchilada burrito tamales guacamole chili casseroles meatballs steak brisket ribs
gravy waffles crepes dumpling

creativity 1 light:
play playing

creativity 3 verb:
paint painting draw drawing sketch sketching sing compose composing decorate decorating

creativity 2 light:
make making create creating build building rewrite rewriting chapter
"""
