"""A broad vocabulary for extraction values, so that copying meets many shapes of words."""

from .grammar import pick
from .words import (ADJECTIVES, ANIMALS, ATTRIBUTES, COLORS, JOBS, NOUNS, OBJECTS, letters, made_up, made_up_name)

MORE = """accident account actor adapter address advice agency agreement airport alarm album almond amber anchor angle
ankle answer antenna apartment appeal applause apron archive arena argument armor arrow artery article ash asset
atlas auction audience aunt avocado avenue award axis backend backyard bacon badge bagel bakery balcony ballet bamboo
banana bandage banjo bank barley barn barrier basement basin bay beach beacon beam beard beast bedroom beet bench
bicycle billboard biscuit blade blizzard block blog blossom blouse blueprint board bonus border boulder bouquet bowl
bracket brain branch bridge broadcast broccoli bronze brook broth bruise bubble budget buffet building bunch bureau
bush cabinet cable cafe cage calendar campaign campus canal canvas canyon cape caravan cardigan cargo carnival carpet
carriage cartoon cashew castle cathedral cave ceiling cellar cello century cereal ceremony certificate chalk
champion channel chapel charity chart cheek cherry chess chestnut chimney choir cider cinema circle circuit citizen
clarinet clay cliff clinic closet cloth coach coast cobweb coconut code collar college colony column comet comic
committee concert concrete console contest contract copper coral corn corner corridor cottage cotton council counter
county couple coupon course court cousin crane crate crayon cream creature creek crew crop crossing crowd cruise cube
cucumber culture curry cushion customer cylinder dairy dam dashboard data daughter dawn debate decade deck degree
delivery dentist deposit desert design detective dialect diamond diary diesel dinner diploma disc display distance
dock dolphin domain donation donut dough dragon drawer dress drill drone dust eagle earring earth earthquake echo
eclipse editor elbow elevator ember emerald engine entrance episode equipment error essay estate event evidence
exam exhibit exit expert export fabric factory family fashion fault feast fence fern ferry fever fiber fiddle field
film finger fireplace fleet flood flour folder forest formula fortress fossil foundation fountain frame freezer
freight frost fruit fungus funnel furniture fuse gadget galaxy gallery garage garlic garment gas gem generator
ginger giraffe glacier glass globe glue goal gold gorge grain granite grant grape graph grass gravel grid grill
grocery guard guest guitar gum habit hail hallway hamlet harbor harp harvest hazel headline heart hedge helicopter
herb heritage highway hill hive hockey holiday honey horizon hospital hostel hurricane hut ice icon idea igloo incense
index industry ink insect inspector iron ivory ivy jade jazz jet jewel journal journey juice jungle junk kayak kernel
kidney kiosk kitchen kiwi knee knot label laboratory lace lagoon lake laser launch laundry lava lavender lawn layer
lecture legend lemonade lens lentil letter lettuce level library lid lime linen liquid list lobby lobster locker log
loom lounge lumber lunch machine magnet mango manor maple marathon marble margin market marsh mask mast match matrix
meadow meal measles medal melody memo menu merchant merger meteor meter metro mill mineral minister mint mission
mixture module monastery monument moon mosaic motel motor mountain movie mud mule muscle museum mushroom mustard
myth nail napkin nectar needle nephew nerve nest network newsletter nickel niece noodle notebook novel nugget number
nursery oak oasis oat ocean octave office olive onion opera orbit orchard orchestra ore organ origami ornament outlet
oven owl oxygen oyster package paddock page palace palm pamphlet pancake panel panther paper parade parcel parish
park parlor parsley passage passport pasture patch patio pattern pavement peanut pebble pedal pension pepper
perfume permit petal petition phase pickle pier pigment pilgrim pillar pine pipeline pitcher planet plank plant
plasma plate platform plaza plough plug plumbing pocket podcast poem polish pollen pond pool poppy porch port
portrait postcard poster potion pottery powder prairie premise prescription printer prize profile program project
propeller protein proverb province pudding pulse pump puppet purse pyramid quarry quartz quilt quiz quota rack radar
radish raft railway rain raisin ranch rapids raspberry ravine rebate receipt recipe record reef referee refund region
relay relic remedy report reptile reservoir resort restaurant ribbon riddle ridge risotto rival river road robot
rocket roof root rope rosemary route rubber ruby rug ruin rumor runway saddle saffron sage salary sale salmon salon
sandal sapling satellite sauce sausage scandal scarf scene scholar school scissors scooter script sculpture seal
season secret section seminar senate series serum sesame session settlement shaft shampoo shed shelter shield shift
shipment shoal shop shore shrub shuttle sibling signal silk silver siren sketch skull sky slide slipper slope smoke
snack soap soccer socket soda software soil soldier sonnet sorrel soup spark species speech sphere spice spinach
spine sponge spruce square stable stadium staff stage stairs stamp statue steam steel stem stew stock storm story
stove strap straw stream street strike string studio sugar suit summit sunset surface survey swamp sweater swing
switch sword symbol symphony syrup tailor talent tank tape target tariff tavern taxi team temple tenant tent terrace
textbook theater theory thread throne thumb thyme tide tile timber tin tissue toast tobacco tomb tool topaz torch
tournament towel tower track trade trail transcript treasure treaty trench trial tribe trophy trousers truck
trumpet trunk tulip tuna tunnel turbine turnip tutor twig uncle uniform unit universe vaccine valley value van
vanilla vault vegetable velvet vessel veteran viaduct video village vineyard violet virus visa vision vitamin voice
volcano voucher voyage waffle wagon walnut ward warehouse wasp waterfall wave wax weapon wedding weed wharf wheat
wheel whisky willow window wine wing winter wire wisdom witness wolf wool workshop wreck yarn yeast yogurt zinc zone
""".split()
QUALITIES = """abstract active actual acute ancient angry annual aquatic arctic athletic atomic automatic average bare
bitter blank blind bold brave brief broad broken busy calm central ceramic cheap chemical chief civil clean clear
coastal cold common complex cool creamy crisp crude cubic curly daily damp dark deep delicate dense digital dirty
distant double dry eager early eastern elastic elegant empty endless entire equal exact extra faint fair famous fancy
federal fierce final fine firm flat fluffy foreign formal fragile free frequent full fuzzy general genuine giant
global golden grand grave great half hard harsh hidden high hollow hot huge humble icy ideal idle inner joint junior
keen large late lean lemon level liquid local logical lone loose loud low lucky lunar magnetic main marine massive
mature medical mellow mental mild mobile moist monthly musical mutual narrow native naval neat nervous neutral new
noble normal northern nuclear oak obvious odd official old open optical oral ordinary outdoor oval pale paper partial
perfect pine plain pleasant polar polite poor popular precise pretty prime private proper public pure quick rapid rare
raw ready real recent regular remote rich rigid ripe robust roast rotten rough royal rural rusty safe salty sandy
scarce second secret senior shallow sharp shiny silent silk simple single slim slow smooth social solid sonic sour
southern spare special stale steady steep sticky stiff strange strict strong sudden super swift temporary tender thick
thin tidy tiny total toxic tropical true unique upper urban urgent used usual vague valid vast velvet vertical vital
vivid wavy weak wealthy weekly western wet whole wild wise young""".split()
ALL_NOUNS = sorted(set(MORE + NOUNS + ANIMALS + [o for o in OBJECTS if " " not in o]))
ALL_ADJECTIVES = sorted(set(QUALITIES + ADJECTIVES + COLORS))
KEY_WORDS = sorted(set(MORE + ATTRIBUTES))
MATERIALS = """cotton wool leather wood oak pine steel iron glass plastic paper silk linen denim velvet copper brass
rubber ceramic marble bamboo granite nylon canvas clay concrete felt aluminum titanium wax stone""".split()


def plural(noun):
    if noun.endswith(("s", "x", "sh", "ch", "z")):
        return noun + "es"
    if noun.endswith("y") and noun[-2:-1] not in ("a", "e", "i", "o", "u", ""):
        return noun[:-1] + "ies"
    return noun + "s"


def noun(rng):
    roll = rng.random()
    if roll < 0.2:
        word = made_up(rng, 1, 3)
        return word if len(word) > 2 else noun(rng)
    if roll < 0.24:
        return letters(rng, 3, 8)
    return pick(rng, ALL_NOUNS)


def quality(rng):
    roll = rng.random()
    if roll < 0.12:
        return made_up(rng, 1, 2) + pick(rng, ["", "ic", "al", "ous", "ish", "y", "ed"])
    return pick(rng, ALL_ADJECTIVES)


def thing(rng, split):
    roll = rng.random()
    if roll < 0.3:
        return noun(rng)
    if roll < 0.62:
        return quality(rng) + " " + noun(rng)
    if roll < 0.85:
        return noun(rng) + " " + noun(rng)
    if roll < 0.93:
        return quality(rng) + " " + noun(rng) + " " + noun(rng)
    return made_up_name(rng, split) + " " + noun(rng)


def things(rng, split):
    head, _, last = thing(rng, split).rpartition(" ")
    return (head + " " + plural(last)).strip()


def role(rng, split):
    roll = rng.random()
    if roll < 0.55:
        return pick(rng, JOBS)
    first = noun(rng) if roll < 0.8 else quality(rng)
    return first + " " + pick(rng, """developer engineer technician analyst designer manager specialist teacher
        inspector scientist operator assistant director consultant planner researcher advisor trainer editor driver
        officer worker artist maker player dealer guide agent nurse expert""".split())


def proper(rng, split):
    """A capitalized name of a place, a firm or a product line: words or made-up."""
    roll = rng.random()
    if roll < 0.4:
        return made_up_name(rng, split)
    first = pick(rng, ALL_ADJECTIVES + ALL_NOUNS).capitalize() if rng.random() < 0.6 else made_up_name(rng, split)
    if roll < 0.6:
        return (first + pick(rng, ALL_NOUNS)) if rng.random() < 0.5 else made_up_name(rng, split) + pick(rng, ALL_NOUNS)
    return first + " " + noun(rng).capitalize()


def phrase(rng, split):
    """A few words of any kind, as in messages and topics."""
    words = [thing(rng, split)]
    while len(words) < rng.randint(1, 3):
        words.append(pick(rng, "for of and with in about from near under to".split()) + " " + thing(rng, split))
    return " ".join(words)
