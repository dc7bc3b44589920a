"""Word lists and made-up words that the other generators share."""

from .grammar import pick

GIRLS = """Anna Mia Lena Rosa Ivy Clara Nora Ella Maya Zoe Lily Ruby Hana Priya Fatima Ingrid Sofia
Elena Amara Leila Greta Freya Olga Tessa Wanda Yuki Mei Aisha Carmen Lucia Marta Nina Paula Rita
Sara Tara Una Vera Willa Xenia Yara Zara Abby Bella Daisy Edith Flora Gina Hilda Iris Joan Kate
Laura Molly Naomi Olive Pearl Quinn Rachel Stella Thea Ursula Violet Wendy Alice Emma Emily Grace
Hannah Isla Julia Karen Linda Maria Monica Nadia Petra Rebecca Sandra Teresa Valerie Deborah Diana
Helen Irene Janet Judith Kavita Keiko Ling Mabel Noor Oksana Pilar Ramona Samira Sigrid Tamara
Zofia Agnes Beatrice Camila Chloe Dana Esther Farah Gloria Harriet Imani Jasmine Kiara Lydia Miriam
Nadine Ottilie Phoebe Roxana Simone Tilda Uma Vivian Winona Yasmin Zelda""".split()

BOYS = """Tom Max Leo Sam Ben Finn Oscar Hugo Omar Ravi Ivan Jonas Karl Luca Milo Noah Otto Paul
Rafael Stefan Theo Victor Walter Yusuf Zane Adam Boris Carlos David Emil Felix George Henry Igor
Jack Kenji Liam Marco Nils Oliver Pedro Quentin Robert Simon Tariq Umar Vikram Wei Xavier Yan
Andrew Brian Charles Daniel Edward Frank Gary Harold Ian James Kevin Louis Michael Nathan Owen
Peter Richard Steven Thomas Vincent William Ahmed Bruno Cyrus Diego Erik Fabio Gustav Hassan Isaac
Jamal Kofi Lars Mateo Nikolai Olaf Pablo Rashid Sergei Tobias Ulrich Wassim Yaw Zoltan Arjun Bilal
Chen Dmitri Enzo Farid Giovanni Hiroshi Ibrahim Jorge Kwame Lorenzo Mohammed Naveen Oleg Patrick
Rajesh Santiago Takeshi Uri Viktor Yannick Abel Basil Caleb Dexter Elliot Gideon Jasper""".split()

SURNAMES = """Smith Jones Brown Miller Davis Garcia Wilson Moore Taylor Lee Clark Lewis Walker Hall
Young King Wright Hill Green Baker Adams Nelson Carter Mitchell Roberts Turner Phillips Parker
Evans Edwards Collins Stewart Morris Murphy Cook Rogers Reed Bell Cooper Ward Cox Gray Watson
Brooks Kelly Price Bennett Wood Ross Foster Powell Long Hughes Flores Simmons Bryant Griffin Hayes
Novak Kovacs Petrov Ivanova Müller Schmidt Schneider Fischer Weber Meyer Rossi Bianchi Ferrari
Dubois Moreau Laurent Silva Santos Costa Pereira Tanaka Suzuki Sato Kim Park Nguyen Tran Wang Zhang
Liu Patel Singh Kumar Sharma Khan Ahmed Hassan Ali Okafor Mensah Diallo Haddad Cohen Levy Johansson
Larsen Hansen Nielsen Virtanen Kowalski O'Neil O'Brien McDonald MacLeod García Fernández López
Lindqvist Bergström Jansen Bakker Popescu Horvat Papadopoulos Yilmaz Demir Castillo Mendoza Rivera
Blackwood Thornton Ashworth Whitfield Hargreaves Pemberton Lockhart Fairchild Winslow Abernathy
Raghunathan Chakraborty Venkatesan Oyelaran Adeyemi Sithole Takahashi Yamamoto""".split()

CITIES = """Paris|London|Berlin|Madrid|Rome|Oslo|Lisbon|Vienna|Prague|Dublin|Athens|Warsaw|Helsinki|
Stockholm|Copenhagen|Brussels|Amsterdam|Zurich|Geneva|Munich|Hamburg|Milan|Naples|Turin|Barcelona|
Seville|Valencia|Porto|Lyon|Nice|Krakow|Budapest|Bucharest|Sofia|Zagreb|Belgrade|Kyiv|Riga|Tallinn|
Istanbul|Ankara|Cairo|Tunis|Lagos|Accra|Nairobi|Cape Town|Dakar|Addis Ababa|Dubai|Amman|Beirut|
Tel Aviv|Tehran|Karachi|Lahore|Delhi|Mumbai|Pune|Chennai|Kolkata|Bangalore|Dhaka|Colombo|Bangkok|
Hanoi|Singapore|Jakarta|Manila|Seoul|Busan|Tokyo|Osaka|Kyoto|Beijing|Shanghai|Taipei|Hong Kong|
Sydney|Melbourne|Perth|Auckland|Wellington|Toronto|Montreal|Vancouver|Ottawa|Boston|New York|Chicago|
Seattle|Portland|Denver|Austin|Dallas|Houston|Miami|Atlanta|San Francisco|Los Angeles|San Diego|
Phoenix|Detroit|Philadelphia|Washington|Salt Lake City|New Orleans|Mexico City|Bogotá|Lima|Quito|
Santiago|Buenos Aires|Montevideo|São Paulo|Rio de Janeiro|Havana|Leeds|Bristol|Glasgow|Edinburgh|
Cardiff|Belfast|Bergen|Malmö|Gothenburg|Aarhus|Utrecht|Rotterdam|Antwerp|Bern|Basel|Cologne|Dresden|
Leipzig|Stuttgart|Reykjavik|Ljubljana|Tirana|Marseille|Bordeaux|Springfield|Salem|Nashville|Boise
""".replace("\n", "").split("|")

COUNTRIES = """France|Spain|Italy|Germany|Norway|Sweden|Denmark|Finland|Poland|Portugal|Greece|Ireland|
Austria|Switzerland|Belgium|Netherlands|Hungary|Romania|Bulgaria|Croatia|Serbia|Ukraine|Turkey|Egypt|
Morocco|Tunisia|Kenya|Ghana|Nigeria|Ethiopia|South Africa|India|Nepal|Japan|China|Vietnam|Thailand|
Indonesia|Malaysia|Australia|New Zealand|Canada|Mexico|Brazil|Chile|Peru|Argentina|Colombia|Cuba|
Iceland|Estonia|Latvia|Lithuania|Jordan|Lebanon|Israel|Iran|Pakistan|Bangladesh|South Korea|Kuwait
""".replace("\n", "").split("|")

ANIMALS = """fox cat dog bear rabbit mouse owl hedgehog squirrel turtle frog duck goose hen crow
sparrow robin swan deer wolf badger otter beaver mole bat horse pony donkey cow sheep goat pig lamb
lion tiger elephant giraffe zebra monkey panda koala kangaroo camel hippo rhino crocodile lizard
snake snail bee ant spider butterfly beetle ladybug cricket dragonfly firefly caterpillar fish whale
dolphin octopus crab seal penguin seagull parrot pelican flamingo peacock ostrich raccoon skunk
moose hamster kitten puppy duckling cub fawn gecko toad newt starfish jellyfish seahorse walrus
narwhal sloth lemur llama alpaca yak bison lynx ferret weasel stork heron raven magpie woodpecker
hummingbird kingfisher rooster piglet foal chipmunk platypus iguana chameleon salamander shrimp
lobster moth grasshopper worm""".split()

BEINGS = """robot dragon wizard witch giant dwarf fairy ghost knight princess prince king queen
pirate sailor baker farmer painter gardener clockmaker fisherman tailor shepherd astronaut teacher
inventor musician postman librarian chef carpenter mermaid unicorn troll elf goblin alien snowman
scarecrow puppet doll boat train kite cloud star raindrop tree pumpkin teapot lighthouse tractor
shoe clock lamp balloon bicycle snowflake pebble leaf moonbeam shadow toaster umbrella bus spaceship
grandmother grandfather girl boy child girl boy robot dragon""".split() + [
    "little girl", "little boy", "old man", "old woman", "young girl", "young boy"]

OBJECTS = """lantern key map kite drum bell book umbrella boat hat scarf clock mirror teapot basket
button ribbon feather seed acorn pebble shell candle spoon cup bowl blanket pillow ball balloon
whistle flute violin trumpet guitar piano paintbrush pencil letter box chest coin ring necklace crown
wand compass telescope ladder rope bucket wheel wagon sled bicycle skateboard train rocket puzzle
doll puppet pumpkin carrot apple pear cookie pancake sandwich mushroom flower rose sunflower leaf star
snowflake bridge tower suitcase backpack camera radio typewriter magnet marble shoe sock glove mitten
coat jacket boot hammer net anchor oar sail raft canoe cart barrel chair stool table quilt broom
kettle pot pan jar bottle vase lamp torch flag banner mask cape cloak sword shield jewel pearl crystal
stone nest egg pinecone cactus ladder garden rainbow cake pie""".split() + [
    "teddy bear", "snow globe", "music box", "treasure map", "magic lamp", "paper boat", "red balloon",
    "golden key", "silver bell", "wooden horse", "glass marble", "blue scarf", "old book", "tiny door",
    "broken clock", "lost mitten", "shiny button", "secret letter", "strawberry cake", "apple pie",
    "honey jar", "feather pen", "paper crown", "tin whistle", "jam jar", "garden gate", "tree house",
    "rainbow kite", "red hat", "yellow umbrella", "lucky coin", "old map", "tiny star", "rusty bell"]

ATTRIBUTES = """height width length depth weight color shape size brand model version status priority
category type genre language format material flavor texture pattern style grade level rank speed range
capacity power voltage pressure humidity altitude latitude duration deadline budget salary fee tax
discount balance account branch department manager supervisor owner author editor publisher sponsor
host guest speaker teacher student captain coach driver pilot doctor nurse patient client customer
vendor supplier warehouse shelf aisle seat row gate platform terminal route destination origin region
district street building floor room desk ticket code serial batch label title subject topic chapter
page volume issue track album artist singer director actor platform server port protocol password
device sensor reading signal channel frequency currency symbol rating score points team league season
round winner champion record goal ingredient dish dessert drink cuisine menu portion recipe species
breed habitat diet age lifespan population area climate terrain river mountain island capital
president mayor engine fuel mileage license plate trim interior warranty screen battery storage memory
processor camera lens resolution contrast fabric collar sleeve hue tone mood theme plot hero villain
symptom dose drug allergy diagnosis insurer policy premium claim lender rate term planet moon orbit
""".split()

NOUNS = """table chair lamp phone laptop camera printer desk sofa bed shelf rug curtain mug plate fork
knife pan kettle blender toaster oven fridge heater fan vacuum drill hammer saw wrench ladder bucket
rope tent backpack jacket coat shirt sweater scarf glove boot sneaker sandal hat belt watch ring
necklace bracelet wallet purse suitcase umbrella notebook pen pencil marker stapler folder envelope
stamp book magazine puzzle guitar violin piano drum flute speaker headphone keyboard monitor mouse
tablet router cable charger battery bulb candle soap towel brush comb mirror razor shampoo pillow
blanket mattress bicycle helmet scooter skateboard ball racket net kayak paddle surfboard ski sled
tire mirror engine filter hose pump valve pipe bolt screw nail hinge lock key safe clock radio toy
doll kite telescope microscope compass map globe flag poster painting sculpture vase basket jar bottle
bread cheese butter milk yogurt egg apple pear plum peach lemon orange melon grape berry carrot onion
potato tomato pepper bean rice pasta flour sugar salt honey jam tea coffee juice soup salad sandwich
pizza burger taco cookie cake pie waffle chocolate""".split()

ADJECTIVES = """red blue green yellow black white silver golden purple orange brown gray pink small
large big tiny heavy light soft wooden metal plastic leather cotton wool glass ceramic electric manual
portable wireless foldable vintage modern antique classic compact deluxe premium basic organic fresh
frozen spicy sweet salted smoked waterproof solar digital adjustable handmade recycled striped padded
round square slim tall short wide narrow quiet fast smart bright warm""".split()

COLORS = """red blue green yellow black white silver gold purple orange brown gray grey pink teal navy
beige maroon turquoise olive ivory lavender crimson magenta cyan violet indigo bronze charcoal
""".split()

JOBS = """teacher|nurse|doctor|engineer|carpenter|plumber|chef|baker|farmer|pilot|driver|lawyer|painter|
photographer|journalist|librarian|architect|dentist|electrician|gardener|mechanic|musician|writer|
translator|designer|accountant|programmer|waiter|barber|tailor|florist|firefighter|police officer|
software engineer|data analyst|graphic designer|bus driver|tour guide|project manager|product manager|
sales manager|civil engineer|marine biologist|physicist|chemist|geologist|historian|economist|judge|
veterinarian|pharmacist|surgeon|psychologist|social worker|web developer|shop assistant|consultant|
violinist|sculptor|potter|beekeeper|goldsmith|locksmith|optician|professor|researcher|secretary|
receptionist|security guard|game designer|sound engineer|truck driver|welder|zoologist|editor|actor
""".replace("\n", "").split("|")

_ONSETS = ["b", "br", "c", "ch", "cl", "cr", "d", "dr", "f", "fl", "fr", "g", "gl", "gr", "h", "j",
           "k", "kl", "kr", "l", "m", "n", "p", "ph", "pl", "pr", "qu", "r", "s", "sh", "sk", "sl",
           "sn", "st", "str", "t", "th", "tr", "v", "w", "y", "z", "", ""]
_NUCLEI = ["a", "e", "i", "o", "u", "a", "e", "i", "o", "ai", "ea", "ee", "ie", "oa", "oo", "ou",
           "ia", "ei", "y", "au"]
_CODAS = ["", "", "", "n", "r", "l", "s", "m", "t", "k", "nd", "st", "rn", "x", "ck", "ng", "th",
          "lt", "ss", "rd", "v", "z", "b", "d", "g", "sch"]
_ENDINGS = ["", "", "", "a", "o", "i", "y", "en", "er", "us", "ia", "ez", "ski", "sen", "ova", "ini",
            "elle", "ard", "ton", "man", "is", "os"]
_TOWNS = ["ville", "burg", "ton", "ford", "field", "wick", "dale", "mouth", "haven", "stad", "grad",
          "ham", "port", "berg", "bridge", "pur", "abad", "ia", "o", "a", "", ""]


def made_up(rng, least=1, most=3):
    """A pronounceable lower-case word that no list holds."""
    parts = []
    for _ in range(rng.randint(least, most)):
        parts.append(pick(rng, _ONSETS) + pick(rng, _NUCLEI) + pick(rng, _CODAS))
    return "".join(parts)


def made_up_name(rng, split):
    """A made-up proper name; one in 16 is never seen in training."""
    while True:
        word = (made_up(rng, 1, 2) + pick(rng, _ENDINGS)).capitalize()
        if 3 <= len(word) <= 11 and split.allows("name", word, 16):
            return word


def made_up_town(rng, split):
    while True:
        word = (made_up(rng, 1, 2) + pick(rng, _TOWNS)).capitalize()
        if 4 <= len(word) <= 13 and split.allows("town", word, 16):
            return word


def letters(rng, least, most):
    """Random letters, so that copying never leans on familiar words."""
    return "".join(pick(rng, "abcdefghijklmnopqrstuvwxyz") for _ in range(rng.randint(least, most)))
