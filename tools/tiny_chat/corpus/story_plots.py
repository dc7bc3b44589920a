"""The plots: each is a list of paragraphs, each paragraph a list of sentences (templates)."""

LEARN = [
    ["[@open]", "[@habit] But {more than anything|above all|most of all}, [N] wanted to [v].|{More than anything|Above all|Deep in [his] heart}, [N] wanted to [v]."],
    ["[@day] [N] [gets] and {began|set to work|gave it a try}.|[@day] [with], [N] {made a start|tried for the very first time}.", "[bad].",
     "\"{Maybe|Perhaps} [v0] is not for {me|someone like me},\" [he] {said|whispered|thought}.|\"I will never learn to [v],\" [he] {said|muttered|sighed}.|[@sad]"],
    ["[@enter]", "[@ask]", "[@tells]", "[@helperline] [@saidF]."],
    ["{So|And so} [N] {practiced|tried again} {every day|every morning|day after day}, {in sun and in rain|before breakfast and after dinner|even when it was cold}.", "{Some days went well, and some did not|It was not easy|It went slowly, very slowly}, but [he] {kept going|did not give up|always began again}.",
     "{Then, one evening|And then, one day|At last, on the first day of spring|After many weeks}, it happened: [good].", "[@glad]|"],
    ["[@thanks]", "[@reply]|", "[@close]"],
]

FIND = [
    ["[@open]", "[@habit]|"],
    ["[@day] while [he] was {out for a walk|looking for berries|sweeping the path|on [his] way home}, [N] {saw something|noticed something} {shining|half hidden|lying} {in the grass|under a bush|between two stones|beside the road}. It was [a:o]!",
     "\"{What a beautiful|What a strange|What a fine} [o],\" {said|whispered} [N]. \"{I wonder whose it is|Who could have lost it|Where did it come from}?\"", "[^he] {wanted to keep it|turned it over and over|held it up to the light}, but {somebody might be missing it|it belonged to someone else|[he] knew that somebody must miss it}."],
    ["{So|And so} [N] {set off|went from door to door|walked all around} to find the owner. [^he] asked {the baker, the teacher and the postman|the birds in the hedge|everyone [he] met}, but {nobody knew|they all shook their heads|no one had lost a thing}.",
     "{At last|Just as the sun went down|When [he] was almost ready to give up}, [N] {met|came upon} [a:f] {named|called} [F] who was {crying|looking under every leaf|searching high and low}.", "\"Have you seen my [o]?\" asked [F]. \"{I cannot sleep without it|I have looked everywhere|It was a present from my grandmother}.\"|\"I have lost my [o],\" {said [F]|[F] said}. \"{It was a present from my grandmother|I have looked everywhere|It is all I have}.\""],
    ["[N] {held out|held up} the [o]. \"{Is this it|Could this be yours}?\" [he] asked.", "[F] {gasped|could not believe [fhis] eyes|gave a shout of joy}. \"{You found it|That is the one}! {How can I ever thank you?|You are so kind!|I am so happy!}\"", "\"{You do not have to thank me|No need to thank me},\" said [N]. \"{It feels good to bring it home|I am happy that you are happy}.\"|"],
    ["[F] {invited [him] for tea|asked [him] to stay for supper}, and {the two of them|together they} {talked and laughed until dark|put the [o] in the middle of the table}.", "[@close]"],
]

LOSE = [
    ["[@open]", "[^his] {dearest|most precious} {thing|treasure} in the world was [a:o]. [N] {took it everywhere|kept it beside [his] bed|never went anywhere without it}."],
    ["[@day] the [o] was gone! [N] looked {under the bed, behind the door and in the soup pot|in every corner and behind every chair|up and down and all around}, but {it was nowhere to be found|there was no trace of it}.", "[@sad]|"],
    ["[@enter]", "[@ask]", "\"I have lost my [o],\" {said [N]|[N] answered}. \"{I have looked everywhere|I do not know where to look}.\"", "\"Then {let us look together|two of us will find it faster|I will help you},\" [@saidF]. \"{Where did you see it last|When did you last have it|Where were you yesterday}?\""],
    ["[N] thought {hard|for a long time}. \"{By the stream|At the old bridge|Under the apple tree|In the tall grass},\" [he] said {slowly|at last}.", "{So|And so} {they walked back|they followed the path back|off they went}, {step by step|looking left and right|past the mill and over the hill}. {And there|And sure enough, there}, {under a pile of leaves|between two roots|in a bird's nest}, lay the [o].", "[@glad]|"],
    ["[@thanks]", "[@reply]|", "[@close]"],
]

FEAR = [
    ["[@open]", "[N] was {not afraid of much|brave in many ways|good at many things}, but there was one thing that made [him] shiver: [o].", "{Whenever it came to that|At the very thought of it}, [he] {hid under [his] blanket|wanted to run away|closed [his] eyes tight}.|"],
    ["[@day] [F], [a:f] who lived {next door|nearby|across the stream}, {came to visit|knocked on the door}.", "\"{Come out and play|Come with me|Let us go on an adventure},\" {said|called} [F].", "\"I cannot,\" {whispered|said} [N]. \"I am afraid of [o].\"",
     "[F] did not laugh. \"{Everyone is afraid of something|I am afraid of things too|That is nothing to be ashamed of},\" said [F]. \"{I am afraid of soap bubbles|I used to be afraid of my own feet|When I am afraid, I count to ten}.\""],
    ["That {evening|night|afternoon}, [F] {took [him] by the hand|stayed close beside [him]|held [his] hand}, and they went {one step|a little way} {closer|forward}. Then {another|one more}. [N] {trembled|was shaking|could hear [his] own heart}, but [he] {did not turn back|kept going|counted to ten and went on}.",
     "\"{Look|You see},\" said [F], \"{it is not so bad when we face it together|it gets smaller every time you look at it|you are still here, and so am I}.\"", "[N] {opened [his] eyes|took a deep breath|looked again}. {It was true|[F] was right}: [o] did not seem so terrible now."],
    ["[@glad]|", "\"{Being brave|Courage} {does not mean that you are never afraid|is being afraid and going on anyway},\" [@saidF]. \"{It means that you try|And that is what you did}.\"", "[@close]"],
]

FRIENDS = [
    ["[@open]", "[@habit]|", "Not far away lived [F], [a:f]. {The two had never spoken|They had never met}, because {everyone said that [a:h] and [a:f] could not be friends|each thought that the other was strange|they were so very different}."],
    ["[@day] {a storm blew the old bridge away|a thick fog covered the land|the rain would not stop}, and {[N] and [F] had to shelter in the same hollow tree|the two of them were stuck on the same little hill}.", "At first {nobody said a word|it was very quiet}. Then [F] {sneezed|began to hum|shivered}.",
     "\"{Would you like half of my sandwich|Would you like to hear a riddle|Would you like a bit of my blanket|Would you like to hear a story}?\" {asked|said} [N].", "\"{Yes, please|Oh, yes|That would be lovely},\" {said|answered} [F], {and smiled|a little surprised}."],
    ["{So they shared what they had and told each other stories|They talked and talked|They played games with pebbles}, and {soon they were laughing|time flew by|they forgot about the weather}. [N] knew {all the stars by name|a hundred funny songs}, and [F] knew {where the sweetest berries grew|how to make a boat out of bark}.",
     "{When the sun came out|When morning came}, {neither of them wanted to leave|they were sorry that it was over}.", "\"{I thought that you would be scary|I thought you were strange},\" said [N]. \"{I thought the same of you|And I thought that you were proud},\" said [F], and they both laughed."],
    ["{Together they built a new bridge|They met again the very next morning|They planted a tree on that very spot}{.|, and everybody could see how happy they were.|, and now the neighbors are friends as well.}", "[@close]"],
]

SHARE = [
    ["[@open]", "[N] had [a:o] {that everyone admired|that [he] loved very much|of which [he] was very proud}, and [he] {kept it all to [self]|never let anyone touch it|looked at it every day}."],
    ["[@day] {snow fell|an icy wind blew|a great storm came} {over the land|from the north|down from the hills}. There was a knock at the door. Outside stood [F], [a:f], {shivering from head to toe|wet and cold|tired and hungry}.", "\"{Please|Excuse me},\" said [F], \"{may I come in for a little while|could I rest here until morning}?\"",
     "[N] {thought of|looked at} [his] [o]. {What if it broke|What if [F] wanted it too}? But then [he] looked at [F] again, {and [his] heart grew soft|and made up [his] mind}."],
    ["\"Come in, come in,\" said [N]. [^he] {made a fire|put the kettle on|brought a warm blanket}, and then [he] {fetched|brought out} the [o]. \"{Let us enjoy it together|It is for both of us},\" [he] said.", "[F]'s eyes {shone|grew wide}. \"{Nobody has ever been so kind to me|What a wonderful [o]|You are the kindest [h] I know},\" said [F].",
     "{And how strange|And the odd thing was this}: the [o] had never seemed {so beautiful|so fine|so precious} as it did {that night|now that there were two to enjoy it}."],
    ["{In the morning|When the storm was over}, {the sky was clear|the sun came out}, and [F] {stayed for breakfast|was a stranger no longer}.", "[@close]"],
]

HELP = [
    ["[@open]", "[@habit]|", "{Some said|The others said} that [he] was {too small|too slow|too quiet|too young} to be of any use{.|, and sometimes [N] believed it.}"],
    ["[@day] [he] heard {a faint cry|someone calling for help|a small voice} {from the river|behind the hedge|from the bottom of a ditch|high up in a tree}. It was [F], [a:f]{, who was stuck and could not get free| with a hurt foot|, who had slipped and could not get out}.", "\"{Help|Please help me}!\" {cried|called} [F]. \"{I have been here all night|Nobody can hear me|I cannot move}!\"",
     "\"{Do not worry|Hold on|Stay calm},\" {called|said} [N]. \"I will {find a way|think of something|get you out}.\""],
    ["[N] {looked around|thought as fast as [he] could}. {Then [he] had an idea|Then [he] saw what to do}: [he] {took|fetched} [a:o] and {pushed it close to|held it out to} [F]. \"{Hold on to this|Take hold of it|Do not let go}!\" [he] {called|said}.", "[^he] pulled {and pulled|with all [his] strength}. {Nothing happened|It did not work} {at first|the first time}. [^he] pulled {again|once more}, and {with a loud pop|little by little|at last} [F] was free!", "[@glad]|"],
    ["\"{You saved me|You are a hero},\" said [F]. \"How did you know what to do?\" \"I did not know,\" said [N]. \"{I only knew that I had to try|But I could not leave you there}.\"|\"{You saved me|You are a hero},\" said [F]. \"I thought that nobody would come.\" \"{I was afraid too|It was nothing},\" said [N]. \"I could not leave you there.\"", "{Soon everyone heard about it|The news spread quickly}, and nobody ever said again that [N] was {of no use|not good enough}.|"],
    ["[@close]"],
]

MAKE = [
    ["[@open]", "[^his] best friend was [F], [a:f] {who always made [him] laugh|with the warmest smile in the world|who lived just around the corner}.", "{Tomorrow was|In three days it would be|Soon it would be} [F]'s birthday, and [N] wanted to {make|give [fhim]} something {special|that nobody else could give}."],
    ["\"I will make [a:o],\" [he] decided. {So|And so} [N] {gathered everything that was needed|got everything ready|went to work} and {tried and tried again|worked the whole day long|did not stop until the candle burned low}.", "But {it came out crooked|one side was bigger than the other|it leaned to the left}, and {there was a hole in the middle|it looked rather funny|it was not as pretty as it should be}.", "[@sad]|"],
    ["On the day of the party, the others brought {big boxes with ribbons|shiny presents from the shop}.", "[N] hid the [o] behind [his] back. \"What is that behind your back?\" asked [F].|[N] almost went home again. \"What have you got there?\" asked [F].|\"What have you got there?\" asked [F].", "\"It is [a:o],\" said [N] {quietly|shyly}. \"I made it myself. It is {a bit crooked|not very good}.\""],
    ["[F] {took it carefully|looked at it for a long time}, and {[fhis] eyes began to shine|a smile spread over [fhis] face}. \"You made this for me?\" [fhe] {said|whispered}. \"{It is the best present of all|It is perfect|I will keep it forever}.\""],
    ["{Since then the [o] has had the best place in [F]'s home|To this day the [o] stands on [F]'s shelf}. {And it is still a little crooked|And nobody minds that it leans to the left}.", "[@close]"],
]

JOURNEY = [
    ["[@open]", "{Every night before [he] fell asleep, [N] made the same wish|All [his] life, [N] had had one great dream|Ever since [he] was little, [N] had had one wish}: to [v]."],
    ["[@day] [he] {packed a small bag|put some bread in a bag|tied up [his] bundle} and set off. \"{It is far too far|You will never get there|Nobody has ever done that},\" {said the neighbors|grumbled an old crow}. But [N] {only smiled|waved and walked on}.", "{The road was long|The way was steep}, and {by evening [his] feet hurt|soon the rain began to fall}.|"],
    ["[@enter]", "\"Where are you going?\" asked [F].|\"Where are you off to, all alone?\" asked [F].", "\"I want to [v],\" said [N]. \"{But I do not know the way|But it is so far}.\"", "\"{I have always wanted to do that too|That sounds wonderful|I know a little of the way}!\" said [F]. \"{May I come along|Shall we go together}?\""],
    ["So {they walked on together|the two went on side by side}, {over hills and through valleys|through forest and field|by day and by night}. When [N] was tired, [F] {sang a song|told a joke}, and when [F] was {hungry, [N] shared [his] bread|cold, [N] shared [his] blanket}.", "{And then, one morning|At last, on the seventh day}, they {came over the last hill|stood still}. [goal].", "[@glad]|"],
    ["\"{Was it what you hoped for|Was it worth it}?\" asked [F]. \"{It is even better|Yes},\" said [N], \"{because I did not get here alone|because you are here too}.\"|", "[@close]"],
]

NIGHT = [
    ["[@open]", "{It was late|The moon was up|All the lights were out}, and everyone was asleep. Everyone but [N]. [^he] {turned to the left and turned to the right|counted one hundred sheep|lay with [his] eyes wide open}, but sleep would not come."],
    ["{So [he] went to the window|In the end [he] got up and went outside}. There, {in the moonlight|under the stars|in the silver light}, sat [F], [a:f]{, looking up at the sky|, wrapped in a blanket|, as still as a stone}.", "\"{Can you not sleep either|Are you awake too}?\" {whispered|asked} [N].", "\"{I never sleep when the moon is full|I am listening to the night|I am waiting for a shooting star},\" said [F]. \"{Sit down beside me|Come and listen}.\""],
    ["[N] sat down. {At first [he] heard nothing|It was very still}. Then [he] heard {the wind in the leaves|the stream|an owl, far away}, and {the soft breathing of the sleeping houses|the grass growing|the small songs of the crickets}.", "\"{The night is not empty|The night is full of little songs},\" said [F]. \"{It is only quiet|You only have to be still}. {It takes care of everybody|It sings for everyone who cannot sleep}.\"",
     "{A star fell|Just then a star fell} {over the hill|across the sky}, and {both of them made a wish|they both held their breath}.|"],
    ["[N]'s eyes {grew heavy|began to close}. \"{Good night, [F]|Thank you for the song},\" [he] {murmured|whispered}.", "\"Good night, [N],\" {said|whispered} [F]. \"{Sleep well|Sweet dreams|I will watch over you}.\""],
    ["{And so, at last, [N] fell asleep|And [N] slept, deep and sound}, and {in the morning|when the sun rose} [he] {could not say if it had been a dream|felt as fresh as the dew}. But {on the window sill|beside [his] bed} lay {a small silver star|a feather|a single white pebble}."],
]

PLOTS = {"learn": LEARN, "find": FIND, "lose": LOSE, "fear": FEAR, "friends": FRIENDS, "share": SHARE,
         "help": HELP, "make": MAKE, "journey": JOURNEY, "night": NIGHT}
