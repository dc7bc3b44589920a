"""What every story draws on: names, places, moods, helpers, speech, endings.

Slots: N hero's name, h hero's kind, he/him/his/self; F, f, fhe/fhim/fhis for the friend; o the object;
pl the place. Every alternative of a table fits wherever the table is used.
"""

from .grammar import TABLES

NAMES = """Pip Tumble Bramble Nettle Moss Fern Clover Juniper Poppy Hazel Willow Tansy Button Biscuit
Pepper Ginger Nutmeg Waffle Muffin Pickle Noodle Bean Pebble Rusty Sprocket Bolt Gizmo Zib Cog Dot
Tock Beep Fizz Twig Thistle Maple Acorn Mabel Otis Olive Percy Hugo Wren Robin Finch Luna Nova Comet
Stella Orion Skye Misty Sunny Dusty Frost Ember Flicker Spark Cinder Marlow Barnaby Felix Oscar Milo
Teddy Rosie Daisy Tilly Molly Dora Nell Effie Winnie Bonnie Minnie Tess Elsa Mina Lila Nina Iris Ada
Leo Max Toby Jasper Rufus Angus Basil Cosmo Dexter Elmo Fergus Gus Hank Igor Jip Kip Lumo Mungo Nico
Ollie Puck Quill Rolo Sidney Tango Ugo Vito Waldo Yori Ziggy Anya Bo Cleo Dilly Elvi Fay Greta Hettie
Ines Juno Kiki Lotte Mimi Nori Opal Pia Ruby Suki Tuva Uma Vera Wilma Yuki Zora""".split()

# Kinds that live in or on the water, in the sky, or in the trees, and places that suit them.
SEA_KINDS = set("""fish whale dolphin octopus crab seal starfish jellyfish seahorse walrus narwhal shrimp lobster mermaid
penguin seagull pelican boat sailor pirate fisherman lighthouse""".split())
SKY_KINDS = set("star cloud raindrop snowflake moonbeam kite balloon spaceship alien astronaut".split())
TREE_KINDS = set("""owl squirrel sparrow robin raven magpie woodpecker crow hummingbird monkey koala sloth lemur bat leaf
chameleon parrot caterpillar butterfly ladybug beetle bee firefly chipmunk""".split())
SEA_PLACES = ["in a {quiet|blue|sunny} bay {behind the rocks|where the waves were gentle}", "{near|beside} a {reef|rock} in the {warm|wide|green} sea", "on the {sandy|rocky} shore of a {small|green|windy} island", "by the harbor of a {small|sleepy|busy} town",
              "{near|beside} the old pier, {where the gulls sat in rows|where the fishing boats came in}", "{at the edge of|beside} the {cold|wide} northern sea", "in a {calm|silver} lagoon {full of colors|with white sand}"]
SKY_PLACES = ["high above {the rooftops of a small town|the mountains|the sea}", "in the {wide|quiet|blue} sky {over a green valley|above the sea}", "{far|high} up, where the {wind|night} was {clean and cold|full of songs}", "{between|among} the {stars|evening clouds}"]
TREE_PLACES = ["in {an old oak|a tall pine|a hollow beech|a blooming apple tree} {at the edge of a forest|beside a quiet lane|on a sunny hill}", "{high|deep} in a {green|whispering|sunny} forest", "in {the park|a garden} of a {small|friendly} town", "among the {branches|leaves} of {the tallest tree in the valley|a mossy old willow}"]
MAKEABLE = set("""lantern map kite drum boat hat scarf basket button ribbon candle spoon cup bowl blanket pillow ball flute pencil box
necklace crown wand ladder wagon sled puzzle doll puppet raft cart chair stool table quilt broom nest flag banner mask cape
cloak jar vase lamp glove mitten coat""".split()) | {"paper boat", "music box", "wooden horse", "blue scarf",
            "paper crown", "rainbow kite", "red hat", "treasure map", "teddy bear", "snow globe"}

GIRL_NAMES = set("""Fern Poppy Hazel Willow Tansy Ginger Mabel Olive Luna Stella Misty Daisy Rosie Tilly Molly
Dora Nell Effie Winnie Bonnie Minnie Tess Elsa Mina Lila Nina Iris Ada Anya Cleo Dilly Elvi Fay Greta Hettie
Ines Juno Kiki Lotte Mimi Opal Pia Ruby Suki Tuva Uma Vera Wilma Yuki Zora""".split())
BOY_NAMES = set("""Otis Percy Hugo Marlow Barnaby Felix Oscar Milo Teddy Leo Max Toby Jasper Rufus Angus Basil
Cosmo Dexter Elmo Fergus Gus Hank Igor Mungo Nico Ollie Rolo Sidney Ugo Vito Waldo""".split())
# Tools that are places: not borrowed but gone to, and the preposition that goes with each.
PLACE_TOOLS = {"a quiet corner behind the house": "in", "a long soft lawn": "on", "a flat rock above the water": "on",
               "a quiet spot under a tree": "in", "a quiet place to practice": "in", "a comfortable old chair": "in"}
# Beings that do not come walking by.
IMMOBILE = set("tree pumpkin teapot lighthouse shoe clock lamp pebble leaf umbrella toaster moonbeam boat train bus".split())

TOO_BIG = {"garden", "bridge", "tower", "rainbow", "tree house", "garden gate", "tiny door", "train", "wagon", "rocket"}

# Hero kinds whose pronoun is fixed.
GIRL_KINDS = {"girl", "little girl", "young girl", "old woman", "princess", "queen", "witch",
              "grandmother", "mermaid", "fairy", "hen", "cow"}
BOY_KINDS = {"boy", "little boy", "young boy", "old man", "prince", "king", "wizard", "grandfather",
             "rooster", "fisherman", "postman"}
IT_KINDS = set("""robot star cloud raindrop tree boat train kite teapot lighthouse tractor shoe clock lamp
balloon bicycle snowflake pebble leaf moonbeam shadow toaster umbrella bus spaceship pumpkin puppet doll
scarecrow""".split())

PLACES = ["in a {quiet|small|sleepy} village {by the sea|between two hills|at the foot of a mountain}", "at the edge of a {dark|deep|green|whispering} forest",
          "in a {little|crooked|cozy|blue} house {near the river|at the end of a long lane|beside an old mill}", "on a hill {covered with clover|where the wind always sang|above the sea}",
          "in a {busy|noisy|bright} town {full of bridges|with crooked roofs|by a wide river}", "beside a {round|clear|silver|quiet} pond", "in a {garden|meadow} full of {poppies|bees|tall grass|wild roses}",
          "in an old {barn|tower|windmill|lighthouse|castle}", "on a {small|green|windy} island {far out at sea|in the middle of a lake}", "in a valley where {it often rained|the snow stayed until spring|the apples were always sweet}",
          "under {a big oak tree|the roots of an old pine|a little wooden bridge}", "{near|behind} the {bakery|train station|old library|school} of a {small|friendly|busy} town"]

# (what a prompt says, what the story says)
SETTINGS = [("in a forest", "in a deep green forest"), ("in the forest", "in a forest of tall pines"), ("in a castle", "in a castle with seven towers"), ("under the sea", "under the sea, among the corals"),
            ("in the sea", "deep in the warm blue sea"), ("on the moon", "on the quiet side of the moon"), ("in space", "in space, on a little station between the stars"), ("in a desert", "in a wide yellow desert"),
            ("in the desert", "in a desert of golden sand"), ("in the mountains", "high up in the snowy mountains"), ("on a farm", "on a sunny farm with a red barn"), ("in a big city", "in a big city that never slept"),
            ("in a city", "in a city full of lights"), ("in winter", "in a white village where winter had just come"), ("in a village", "in a small village of twelve houses"), ("on an island", "on an island with one palm tree"),
            ("in a library", "in a library with a thousand books"), ("in a garden", "in a garden behind a high wall"), ("by the sea", "by the sea, where the gulls cried all day"), ("in a school", "in a small school with a green door"),
            ("in a jungle", "in a jungle where the parrots never stopped talking"), ("in a cave", "in a cave behind a waterfall"), ("on a ship", "on a ship with patched sails"), ("on a train", "on a train that ran through the night"),
            ("in a toy shop", "in a toy shop on a narrow street"), ("in a kitchen", "in a warm kitchen full of copper pots"), ("in a museum", "in a museum that was empty at night"), ("at the beach", "at the beach, in a hut made of driftwood"),
            ("in the snow", "in a land where the snow lay deep"), ("in the clouds", "up in the clouds, where everything was soft"), ("in a swamp", "in a misty swamp"), ("at the zoo", "at the zoo of a friendly town")]

TRAITS = """small little tiny young old brave shy curious clever lonely kind gentle cheerful clumsy sleepy
friendly grumpy quiet proud silly hungry lazy stubborn happy nervous forgetful polite lost lucky
impatient dreamy careful greedy messy noisy big tired sad red blue green golden purple silver white
""".split()

TABLES.update({
    "open": ["Once upon a time, [pl], there lived [a:H] {named|called} [N].", "[^pl] lived [a:H] {named|called} [N].",
             "There was once [a:H] {named|called} [N] who lived [pl].", "[N] was [a:H] who lived [pl].",
             "Long ago, [pl], [a:H] {named|called} [N] {made [his] home|had a home of [his] own}.", "Not so long ago, [a:H] {named|called} [N] lived [pl]."],
    "habit": ["Every morning [he] {opened the window and greeted the day|hummed the same small tune|went for a walk and said hello to everyone|counted the clouds before breakfast}.",
              "[^he] {liked warm soup, soft rain and long naps|knew every path and every puddle for miles|had a small home, a big heart and many questions|was known by everyone for [his] {bright smile|good manners|funny walk|loud laugh}}.",
              "Most days were {quiet|calm|all alike}, and [he] {did not mind|liked it that way|often wondered what lay beyond the hills}.", "{People said|Everyone said|The neighbors said} that nobody {laughed|listened|asked questions|waved} quite like [N]."],
    "day": ["One {morning|day|afternoon|windy morning|bright morning|rainy afternoon|autumn day|spring morning},", "One {cold|warm|golden|misty|quiet} {morning|evening|day},", "Then, one {Tuesday|Sunday|summer day|day in May},"],
    "sad": ["[N] felt {very sad|small and sad|a lump in [his] throat|like giving up|so disappointed}.", "[N] sat down and {sighed|hung [his] head|did not know what to do|let out a long sigh}.", "[N]'s heart {sank|felt heavy|felt as heavy as a stone}.",
            "\"{Oh no|Oh dear|This is hopeless}{!\" cried|,\" said|,\" whispered} [N].", "\"Why is it so hard?\" {asked|whispered|sighed} [N]."],
    "enter": ["{Just then|At that moment|Just at that moment|A little later}, [a:f] {named|called} [F] came {by|along|walking by|around the corner}.", "[A:f] {named|called} [F], who lived nearby, {heard|saw} [him] and stopped.",
              "{Luckily|As luck would have it}, [a:f] {named|called} [F] {was passing by|was sitting nearby|had seen everything}."],
    "ask": ["\"{What is the matter|Why do you look so sad|What is wrong|Is something wrong|Are you all right}?\" {asked [F]|[F] asked|asked [F] {kindly|gently|softly}}.", "\"{Why so glum|Why such a long face|Can I help you}?\" {asked [F]|[F] asked with a smile|[F] asked gently}."],
    "tells": ["[N] told [fhim] {everything|the whole story|all about it}.", "So [N] told [F] {everything|all about it|the whole story}, and [F] listened {carefully|without a word|until the end}."],
    "glad": ["[N] {laughed out loud|smiled from ear to ear|jumped for joy|was so happy that [he] danced|could hardly believe it}.", "[N]'s heart {felt as light as a feather|sang|beat fast with joy}.", "[N] had never felt so {happy|proud|glad}.",
             "\"{Look|Oh|Hooray}!\" {cried|shouted|laughed} [N]. \"{We did it|It worked|This is wonderful}!\""],
    "thanks": ["\"Thank you, [F],\" {said [N]|[N] said|[N] whispered}. \"{I could not have done it without you|You are a true friend|I will never forget this}.\"", "[N] {thanked [F] with all [his] heart|gave [F] a big hug|hugged [F] and would not let go}."],
    "reply": ["\"{That is what friends are for|You did the hard part yourself|I only helped a little|Any time}{,\" said [F]|,\" [F] said with a smile|,\" [F] answered}.", "[F] {smiled|laughed} and said, \"{You would do the same for me|I knew it all along|It was a fine adventure}.\""],
    "close": ["And from that day on, [N] and [F] were the best of friends.", "That night, the stars {shone|seemed to shine} a little brighter over [his] home, and [N] fell asleep with a smile.", "And if you {pass by|go there} on a quiet evening, you may still {see|hear} the two of them laughing together.",
              "From then on, whenever something seemed too hard, [N] remembered that day and tried once more.", "That evening they shared {a pot of soup|some warm bread and honey|a big apple pie|a cup of hot cocoa} and talked until the moon came up.", "And that is how [N] learned that {even a small heart can do great things|nobody is ever too small to matter|kindness always finds its way home|a good friend is the best treasure of all}.",
              "And [N]? [^he] is still there, [pl], {happy as can be|smiling at everyone who walks by|ready for the next adventure}."],
    "helperline": ["\"{Try once more|Try again}, but {slowly|a little slower} this time,\"", "\"{Do not hurry|There is no need to hurry}. {Little by little|One small step at a time} is {fast enough|how everything is done},\"", "\"{Everybody|Everyone} is {bad at it|clumsy} {at first|in the beginning}. {I was too|Even I was},\"",
                   "\"{Close your eyes and take a deep breath|Breathe in, breathe out}, and then {begin|start} again,\"", "\"{Let us do it together|I will stay and help you|We can try it side by side},\""],
    "saidF": ["said [F]", "[F] said {kindly|gently|softly|with a wink}"],
})

# base, gerund, what it is done with, how it goes wrong, how it goes well
SKILLS = [
    ("paint", "painting", "a brush and five pots of color", "The house looked like a potato and the sun looked like a fried egg", "a picture of the whole valley, with a sky as pink as a peach"),
    ("sing", "singing", "an old songbook", "The notes came out like a creaking door", "a song so sweet that even the birds stopped to listen"),
    ("dance", "dancing", "a pair of soft shoes", "[^he] tripped over [his] own feet and landed in a bush", "a dance that went round and round like a leaf in the wind"),
    ("swim", "swimming", "a little blue float", "[^he] splashed and spluttered and swallowed half the pond", "ten strokes, then twenty, all the way to the other side"),
    ("fly", "flying", "a pair of paper wings", "[^he] fell straight into a pile of hay", "a great wide circle over the rooftops"),
    ("cook", "cooking", "a big pot and a wooden spoon", "The soup turned blue and smelled of old socks", "a soup so good that the neighbors came with their bowls"),
    ("bake", "baking", "flour, butter and a big bowl", "The cake came out flat and as hard as a brick", "a golden cake that made the whole street smell of vanilla"),
    ("bake bread", "baking bread", "a sack of flour and a hot oven", "The loaf was black outside and wet inside", "a warm brown loaf with a crust that crackled"),
    ("read", "reading", "a book with a torn cover", "The letters hopped about like fleas", "a whole page, and then another, out loud"),
    ("write", "writing", "a pencil and a stack of paper", "The words ran downhill and fell off the page", "a letter with every word in its place"),
    ("write poems", "writing poems", "a notebook and a short pencil", "The only rhyme [he] could find for moon was spoon", "a poem about the rain that made an old sailor cry"),
    ("juggle", "juggling", "three red apples", "The apples landed on [his] head, one, two, three", "three apples that flew through the air in a perfect circle"),
    ("whistle", "whistling", "a quiet corner behind the house", "Only a puff of air came out", "a whistle so clear that it rang across the hills"),
    ("ride a bicycle", "riding a bicycle", "a rusty bicycle with a bell", "The bicycle went left and [he] went right", "a ride down the whole lane without a single wobble"),
    ("skate", "skating", "a pair of old skates", "[^his] legs went in two different directions", "a smooth figure eight across the ice"),
    ("ski", "skiing", "two wooden boards", "[^he] rolled down the hill like a snowball", "a long curve down the hill, as smooth as cream"),
    ("play the violin", "playing the violin", "a violin with one new string", "It sounded like a cat in a bucket", "a slow tune that floated out of the window like smoke"),
    ("play the piano", "playing the piano", "a dusty piano", "[^his] fingers got tangled up like spaghetti", "a little waltz that made everybody tap their feet"),
    ("play the drum", "playing the drum", "a drum and two sticks", "It sounded like potatoes falling down the stairs", "a rhythm that made the whole street march along"),
    ("play chess", "playing chess", "an old chess board", "[^he] lost in four moves, and then in three", "a game that [he] won with the smallest pawn"),
    ("knit", "knitting", "two needles and a ball of wool", "The scarf came out with a hole as big as a plate", "a long striped scarf, warm enough for two"),
    ("sew", "sewing", "a needle and a spool of thread", "[^he] sewed the sleeve to [his] own chair", "a patchwork quilt with a star in the middle"),
    ("draw", "drawing", "a box of crayons", "The horse looked more like a table", "a drawing of a horse that seemed ready to run off the paper"),
    ("climb", "climbing", "a strong rope", "[^he] slid down again with leaves in [his] ears", "a climb to the very top, where the view went on forever"),
    ("sail", "sailing", "a small boat with a patched sail", "The boat went round in circles like a duck", "a straight line across the bay and back again"),
    ("garden", "gardening", "a spade and a bag of seeds", "The beans came up purple and the peas did not come up at all", "a garden where the sunflowers stood higher than the fence"),
    ("tell jokes", "telling jokes", "a book of old riddles", "[^he] always forgot the ending", "a joke so funny that the whole square shook with laughter"),
    ("tell stories", "telling stories", "a comfortable old chair", "Everyone fell asleep before the middle", "a story that kept everyone on the edge of their seats"),
    ("count", "counting", "a jar of dried beans", "After twelve came twenty, and after twenty came four", "a count of every star above the roof, without missing one"),
    ("build kites", "building kites", "paper, string and glue", "The kite flew straight into the mud", "a red kite with a long tail that touched the clouds"),
    ("take photographs", "taking photographs", "an old camera", "Every picture showed only [his] own thumb", "a photograph of the sunrise that seemed to glow"),
    ("do magic", "doing magic", "a hat and a crooked stick", "The rabbit would not come out, and the hat caught fire", "a bunch of flowers out of an empty hat"),
    ("jump", "jumping", "a long soft lawn", "[^he] landed in the same puddle every time", "a jump right over the stream, with room to spare"),
    ("dive", "diving", "a flat rock above the water", "[^he] landed flat on [his] belly with a loud smack", "a dive as clean as a dropped pebble"),
    ("speak French", "speaking French", "a small dictionary", "[^he] asked for bread and got a hat", "a whole good morning, and the baker answered"),
    ("be patient", "being patient", "a single seed in a pot", "[^he] dug it up every day to see if it had grown", "a green shoot, and then a flower, that had only needed time"),
    ("listen", "listening", "a quiet spot under a tree", "[^he] talked so much that [he] missed everything", "the sound of snow falling, which nobody else had heard"),
    ("share", "sharing", "a basket of plums", "[^he] always kept the biggest one", "a table where everyone had the same, and everyone was laughing"),
    ("surf", "surfing", "a long wooden board", "The first wave turned [him] upside down", "a ride on a green wave, all the way to the sand"),
]
MORE_SKILLS = """cartwheel:cartwheeling|spell:spelling|carve wood:carving wood|fix clocks:fixing clocks|make soup:making soup|make music:making music|
play the flute:playing the flute|play the guitar:playing the guitar|play the trumpet:playing the trumpet|play football:playing football|play tennis:playing tennis|catch fish:catching fish|
fold paper birds:folding paper birds|row a boat:rowing a boat|drive a tractor:driving a tractor|make friends:making friends|say sorry:saying sorry|say goodbye:saying goodbye|laugh:laughing|dream:dreaming|
smile:smiling|run fast:running fast|walk:walking|talk:talking|howl:howling|roar:roaring|purr:purring|hop:hopping|dig:digging|hide:hiding|wait:waiting|be brave:being brave|be kind:being kind|cook pancakes:cooking pancakes|
make tea:making tea|tie knots:tying knots|ride a horse:riding a horse|do a handstand:doing a handstand|solve puzzles:solving puzzles|grow roses:growing roses|keep a secret:keeping a secret|make cheese:making cheese|
yodel:yodeling|hum:humming|sculpt:sculpting|weave:weaving|tap dance:tap dancing|do math:doing math|add numbers:adding numbers|code:coding|take turns:taking turns|clap:clapping|sneeze quietly:sneezing quietly|make maps:making maps"""
MORE_SKILLS = [tuple(s.strip().split(":")) for s in MORE_SKILLS.replace("\n", "").split("|")]
GENERIC_SKILL = [("a thick old book about it", "Nothing went the way [he] wanted", "everything just right, from beginning to end"), ("a quiet place to practice", "[^he] got it wrong seven times in a row", "everything right, without one mistake"),
                 ("a little guide for beginners", "It went wrong, and then it went even more wrong", "it so well that everyone clapped"), ("a good teacher's old notes", "It ended with a bump, a crash and a very red face", "it perfectly, and then did it again")]

FEARS = """the dark|thunder|heights|deep water|the wind|ghosts|spiders|storms|loud noises|the forest|flying|swimming|snow|fire|mice|cats|dogs|strangers|the moon|getting lost|bridges|
the sea|being alone|school|tall trees|shadows|rain|the big slide|singing in front of others|birds|balloons|the cellar|mirrors|the night|the doctor""".replace("\n", "").split("|")
GOALS = [("see the sea", "the sea", "The water was bigger and bluer than any dream"), ("touch the moon", "the moon", "The moon lay in the still lake, so close that [he] could touch it with one finger"), ("find the end of the rainbow", "the end of the rainbow", "There was no gold, only the most beautiful garden in the world"),
         ("climb the highest mountain", "the mountain top", "From the top [he] could see the whole wide world"), ("visit the stars", "the stars", "On the highest hill the stars were so near that they hummed"), ("see the snow", "the snow", "Everything was white, and every flake was different"),
         ("find a home", "a home of [his] own", "And there stood a little empty house with a yellow door"), ("see the world", "the wide world", "Every road led to another road, and every one was worth walking"), ("find a friend", "a friend", "And all the while, the best friend had been walking right beside [him]"),
         ("find a treasure", "the treasure", "There, in a wooden chest, lay old letters, a tin star and a hundred happy memories"), ("see a whale", "the whale", "A great gray back rose from the waves, and the whale sang"), ("reach the North Pole", "the North Pole", "Green lights danced over the ice, and everything was still"),
         ("meet the king", "the king", "The king was small and friendly, and he liked the same soup"), ("fly to the moon", "the moon", "The moon was quiet and soft, and the earth looked like a blue marble"), ("cross the desert", "the far side of the desert", "Behind the last dune there was a green garden with a well"),
         ("find the lost city", "the lost city", "The old walls were full of flowers, and nobody had seen them for a hundred years"), ("see the northern lights", "the northern lights", "Green and purple ribbons rolled across the sky")]
THEMES = {"learn": ["patience", "practice", "never giving up", "trying again", "learning", "hope"], "find": ["honesty", "being honest", "luck"], "lose": ["losing something", "looking after things"],
          "fear": ["courage", "bravery", "being brave", "fear"], "friends": ["friendship", "being different", "making friends", "loneliness"], "share": ["sharing", "kindness", "generosity", "winter"],
          "help": ["helping others", "kindness", "a rescue", "being small", "teamwork"], "make": ["a present", "a birthday", "a surprise", "love"], "journey": ["an adventure", "a long journey", "dreams", "travel"], "night": ["the moon", "the night", "sleep", "dreams"]}
