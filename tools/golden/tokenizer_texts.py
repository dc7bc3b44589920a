"""Texts for training and testing tokenizers: sentences in many scripts, code, and fuzzed lines.

Everything is generated here from a seed; nothing is read from outside.
"""
import random

SENTENCES = [
    "The morning train was late again, so we walked along the river and talked about bread.",
    "I don't think they've seen it; she'll tell us when we're there, and he'd better be ready.",
    "Prices rose by 3.75% in 2019, fell to 1,204.50 in March and stood at 98 by the end of it.",
    "Der Bäcker öffnet früh, weil große Brötchen übermäßig schnell verkauft werden.",
    "Le garçon préfère les crêpes à l'été, où l'œuvre naïve coûte déjà très cher.",
    "El niño soñó con pingüinos; ¿quién sabría decir por qué cantaban así, mañana o ayer?",
    "A manhã não traz pão, mas a avó põe açúcar e limão na mesa às três.",
    "Zażółć gęślą jaźń, rzekł mały żółw i poszedł powoli nad rzekę.",
    "Příliš tichý kůň běžel přes louku, kde švestky zrály už v červenci.",
    "Bugün hava çok güzel, İstanbul'da ılık bir rüzgâr eşliğinde yürüdük.",
    "Chiều nay trời mưa to, chúng tôi ngồi uống cà phê và nghe tiếng nước chảy.",
    "Сегодня утром поезд опоздал, и мы долго говорили о хлебе, реке и старых друзьях.",
    "Її мати живе у великому місті, де щодня їздять жовті трамваї.",
    "Το πρωί το τρένο άργησε και περπατήσαμε δίπλα στο ποτάμι ως το βράδυ.",
    "הרכבת איחרה הבוקר, ולכן הלכנו לאורך הנהר ודיברנו על לחם.",
    "تأخر القطار هذا الصباح فمشينا على ضفة النهر وتحدثنا عن الخبز والكتب.",
    "قطار امروز صبح دیر آمد و ما کنار رودخانه قدم زدیم.",
    "आज सुबह रेलगाड़ी देर से आई, इसलिए हम नदी के किनारे टहले।",
    "আজ সকালে ট্রেন দেরি করল, তাই আমরা নদীর ধারে হাঁটলাম।",
    "இன்று காலை ரயில் தாமதமானது, நாங்கள் ஆற்றங்கரையில் நடந்தோம்.",
    "เช้านี้รถไฟมาช้า เราจึงเดินเล่นริมแม่น้ำและคุยกันเรื่องขนมปัง",
    "今天早上火车晚点了，我们沿着河边散步，聊起了面包和旧书。",
    "今朝は電車が遅れたので、川沿いを歩きながらパンの話をしました。カタカナも少し。",
    "오늘 아침 기차가 늦어서 우리는 강가를 걸으며 빵 이야기를 했다.",
    "დღეს დილით მატარებელმა დააგვიანა და მდინარესთან ვისეირნეთ.",
    "Այսօր առավոտյան գնացքը ուշացավ, և մենք քայլեցինք գետի ափով։",
    "ዛሬ ጠዋት ባቡሩ ዘገየ፤ ስለዚህ በወንዙ ዳር ተጓዝን።",
]
CODE = [
    "def add(a, b):\n    return a + b  # the sum\n",
    "for (int i = 0; i < n; ++i) {\n\tsum += values[i] * 0x1F;\n}\n",
    "SELECT name, COUNT(*) FROM users WHERE age >= 21 GROUP BY name;",
    '{"id": 17, "tags": ["a", "b"], "ok": true, "ratio": -1.5e-3}',
    "fn main() { println!(\"{:?}\", x.iter().map(|v| v * 2)); }",
    "https://example.org/path/to?page=2&sort=asc#section-3",
    "user.name+tag@mail.example.com wrote: $ rm -rf ./build && make -j2",
    "<div class=\"row\"><a href='#'>link</a></div>",
    "if x != None and y >= 10_000:\r\n\tpass\r\n\r\n",
    "\\begin{align} \\frac{1}{2} &= x^{2} \\end{align}",
]
EMOJI = ["👩‍👩‍👧‍👦", "🏳️‍🌈", "👍🏽", "🇩🇪🇫🇷", "❤️", "🤷🏾‍♀️", "1️⃣", "😀😅", "🧑‍🚀", "☕️", "🫠"]
SPACES = [" ", "  ", "    ", "\t", "\n", "\r\n", "\n\n", " \n ", "\u00a0", "\u3000", "\u2028", "\u2029",
          "\u0085", "\u200b", "\u202f", "\u205f", "\u1680", "\u2003", "\ufeff", "\u180e", "\x0b", "\x0c",
          "\x1c", "        ", "\n\n\n\n", "\t\t\t", "                 "]
MARKS = ["e\u0301", "n\u0303", "a\u0323\u0302", "a\u0302\u0323", "o\u0308\u0304", "\u1e9b\u0323", "Å", "ﬁ",
         "½", "²", "ⅷ", "Ⅻ", "ｆｕｌｌ", "ㄱㅏ", "\u1100\u1161\u11a8", "각", "ﷺ", "\u0344", "q\u0307\u0323",
         "が", "か\u3099", "İ", "ß", "ſ", "ǅ", "Σίσυφος", "\u0915\u093c", "\u0958", "\u2126", "\u212b",
         "\u0f73", "\U0001d15e", "\ufb2c", "\u0301", "\u20dd"]
CONTROLS = ["\x00", "\x01", "\x07", "\x1b[31m", "\x7f", "\u200d", "\u200e", "\u2066", "\ufffd", "\uffff",
            "\ue000", "\U0010fffd", "\u0378", "\U000e0041", "\u00ad", "\u061c", "\x1f", "\u009f"]
PUNCTUATION = list("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~") + [
    "...", "…", "—", "–", "“", "”", "‘", "’", "«", "»", "¿", "¡", "。", "、", "「", "」", "،", "؟", "।",
    "??!!", "--", "==", "!=", "//", "/*", "*/", "$$", "€", "£", "¥", "±", "×", "÷", "≠", "∑", "→", "▁", "Ġ",
    "Ċ", "</w>", "##", "<0x41>", "<0xE4>", "'s", "'S", "'LL", "'ſ", "’s", "§", "©", "®", "™", "°", "µ"]
# Ranges that random code points come from.
PLANES = [(0x20, 0x7E), (0xA0, 0x24F), (0x250, 0x36F), (0x370, 0x58F), (0x590, 0x8FF), (0x900, 0xDFF),
          (0xE00, 0x10FF), (0x1100, 0x1CFF), (0x1D00, 0x206F), (0x2070, 0x2BFF), (0x2C00, 0x2FFF),
          (0x3000, 0x33FF), (0x4E00, 0x9FFF), (0xA000, 0xABFF), (0xAC00, 0xD7A3), (0xF900, 0xFFFF),
          (0x10000, 0x12FFF), (0x16800, 0x1BCFF), (0x1D000, 0x1DFFF), (0x1E000, 0x1FAFF),
          (0x20000, 0x323AF), (0xE0000, 0xE01EF)]


def words():
    return [word for sentence in SENTENCES for word in sentence.split(" ")]


def training_lines(seed, count):
    """Lines to train on: whole sentences, code, and shuffled words."""
    rng = random.Random(seed)
    vocabulary = words()
    lines = []
    for _ in range(count):
        kind = rng.random()
        if kind < 0.5:
            line = rng.choice(SENTENCES)
        elif kind < 0.65:
            line = rng.choice(CODE)
        elif kind < 0.95:
            line = " ".join(rng.choice(vocabulary) for _ in range(rng.randint(3, 12)))
        else:
            line = "".join(rng.choice(EMOJI + MARKS + PUNCTUATION) for _ in range(rng.randint(1, 6)))
        lines.append(line)
    return lines


def random_code_points(rng, count):
    low, high = rng.choice(PLANES)
    return "".join(chr(rng.randint(low, high)) for _ in range(count))


def number(rng):
    text = str(rng.randint(0, 10 ** rng.randint(1, 12)))
    if rng.random() < 0.2:
        text = "".join(chr(ord(c) - 48 + rng.choice([0x660, 0x966, 0xFF10, 0x1D7CE])) for c in text)
    return text


def fragment(rng, vocabulary, special):
    kind = rng.random()
    if kind < 0.34:
        return rng.choice(vocabulary)
    if kind < 0.46:
        return rng.choice(SPACES)
    if kind < 0.56:
        return rng.choice(PUNCTUATION)
    if kind < 0.62:
        return number(rng)
    if kind < 0.68:
        return rng.choice(MARKS)
    if kind < 0.73:
        return rng.choice(EMOJI)
    if kind < 0.76:
        return rng.choice(CONTROLS)
    if kind < 0.80:
        return random_code_points(rng, rng.randint(1, 4))
    if kind < 0.83:
        return rng.choice(CODE)[: rng.randint(3, 30)]
    if kind < 0.85:
        return rng.choice(vocabulary).upper()
    if kind < 0.86:
        return rng.choice(vocabulary)[:3] * rng.randint(2, 12)
    return rng.choice(special)


def fuzzed_lines(seed, count, special):
    """Test lines; `special` are texts of added tokens to mix in."""
    rng = random.Random(seed)
    vocabulary = words()
    lines = ["", " ", "  ", "\n", "a", "▁", " a", "a ", "\u00a0", "é", "e\u0301"]
    while len(lines) < count:
        kind = rng.random()
        if kind < 0.08:
            line = rng.choice(SENTENCES)
        elif kind < 0.13:
            line = rng.choice(CODE)
        elif kind < 0.16:
            line = "".join(rng.choice(SPACES) for _ in range(rng.randint(1, 8)))
        elif kind < 0.19:
            line = random_code_points(rng, rng.randint(1, 24))
        elif kind < 0.21:
            line = rng.choice(vocabulary) * rng.randint(5, 20)
        elif kind < 0.27:
            line = "".join(rng.choice(special + SPACES[:4] + ["a", "_", "é"])
                           for _ in range(rng.randint(1, 5)))
        else:
            glue = rng.choice(["", "", " "])
            line = glue.join(fragment(rng, vocabulary, special) for _ in range(rng.randint(1, 9)))
        lines.append(line[:160])
    return lines[:count]
