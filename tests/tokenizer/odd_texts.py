"""Texts that tokenizers stumble over, and text without end made from a seed."""

import random

SENTENCES = """
The search engine keeps every shard in a file of its own, and a file can be opened with common tools.
A vector of two hundred and fifty-six numbers stands for a sentence; near vectors mean near sentences.
Writes go to the log first, and only then to the shards that they touch.
When a node is lost, another one takes over its shards and answers in its place.
How many documents were found, and how long did it take to find them?
Compress the snapshot, copy it to the object store, and check it by its digest.
She asked for the weather in Lisbon; it was warm, windy and bright all afternoon.
Nobody had watered the tomatoes, the beans or the small lemon tree since Thursday.
Bakers rise at three o'clock, knead the dough, and sell warm bread before sunrise.
The river was frozen, so the children walked to school across the ice.
An orchestra tunes to the oboe, because its note is steady and easy to hear.
He repaired bicycles, radios, kettles, clocks and, once, a very old accordion.
Install the package, set the variable, run the command, read the message, try again.
error: cannot open file: no such file or directory (os error 2)
for (int i = 0; i < count; ++i) { total += values[i] * weights[i]; }
SELECT title, year FROM films WHERE rating >= 8.5 ORDER BY year DESC LIMIT 10;
Send 1,250.75 euros to account 0042-7781 before 31.12.2029, please.
E-mail: somebody@example.com, https://example.com/a/b?c=d&e=f#g
Der Zug nach München fährt um zwölf Uhr von Gleis sieben ab.
Die Straße war gesperrt, also ging er zu Fuß über die Brücke.
Le café près de la forêt est fermé, mais la crêperie est ouverte.
El niño pequeño soñó con un pingüino que cantaba en la montaña.
Å være på fjellet når sola går ned er noe av det beste.
İstanbul'da ılık bir akşam, çay içip gemileri izledik.
Θα έρθουμε αύριο το πρωί, αν δεν βρέχει στην Αθήνα.
Мы приехали поздно вечером, и в гостинице уже не горел свет.
Książka leżała na stole obok żółtej filiżanki.
東京の朝は静かで、電車の音だけが聞こえる。
カタカナとひらがなと漢字がまざった文です。
我们明天去图书馆借书,然后一起喝茶。
오늘은 날씨가 맑아서 강을 따라 걸었다.
वह सुबह जल्दी उठकर नदी के किनारे टहलने गया।
في الصباح الباكر ذهب الأولاد إلى المدرسة القريبة.
הספר הישן מונח על המדף ליד החלון.
เช้านี้อากาศดีมาก เราเดินไปตลาดด้วยกัน
Emoji say it shorter: 🙂 👍 🎉 🚲 🍋
""".strip().split("\n")

# A text is a string, or a string and how often it is repeated.
ODD = [
    "", " ", "   ", "\t\n\r\n ", "a", "A", ".", "...", "!?!?!?", "a.b,c;d", "--- --", "(x)[y]{z}",
    "hello world", "  leading and trailing  ", "two  spaces   three", "line\nbreak\r\nand\ttab",
    "CamelCaseWord SNAKE_CASE_WORD kebab-case-word", "don't can't o'clock", "3.14 1,000 1e-9 0x1F",
    "café", "cafe\u0301", "\u0301", "a\u0301\u0327b", "a\u0327\u0301b", "naïve façade coöperate",
    "e\u0301\u0301\u0301e", "\u1e9b\u0323", "ÅÅ\u212b", "ﬁ ﬂ ﬀ ﬃ ﬆ", "①②③ ½ ¼ x² x₂", "ⅷ Ⅷ ㎏ ㏒ ㍿",
    "Straße STRASSE ẞ", "İstanbul I ı i İİ", "ΣΊΣΥΦΟΣ ΟΔΥΣΣΕΥΣ σς", "Ǆ ǅ ǆ ŉ ǰ",
    "한국어 강", "\u1112\u1161\u11ab\u1100\u116e\u11a8", "각\u1100\u1161\u11a8", "東京の朝", "日本語とEnglishの混合",
    "カタカナ ｶﾞｷﾞ が か\u3099", "我们明天去图书馆", "𠀀𠮷 豈 \uf900 \U0002f800", "㐀㐁 々〆〇",
    "ไทยไม่เว้นวรรค", "في الصباح ﷺ ﻻ", "שָׁלוֹם \u05e9\u05c1", "हिन्दी क्षत्रिय ज़\u093c", "தமிழ் తెలుగు ಕನ್ನಡ",
    "བོད་ཡིག \u0f73\u0f75\u0f81", "မြန်မာ ខ្មែរ ລາວ", "ᠮᠣᠩᠭᠣᠯ \u180e\u180b", "አማርኛ ᏣᎳᎩ ꮳꮃꭹ",
    "🙂", "👍🏽 👩‍👩‍👧‍👦 🏳️‍🌈", "🇩🇪🇫🇷 🇩", "☕️ ☕ ✈︎", "🙂🙂🙂word🙂", "1️⃣ #️⃣",
    "\x00", "a\x00b", "\x01\x02\x7f\x80\x9f", "a\x01\u0301", "bell\x07 back\x08 form\x0c vt\x0b x",
    "a\u0085b", "a\u00a0b", "a\u1680b", "a\u2028b\u2029c", "a\u3000b", "a\u200bb", "a\u200cb\u200dc",
    "a\u202fb\u205fc", "\ufeffbom", "mid\ufeffdle", "\u200e\u200fmarks\u202a\u202e\u2066\u2069",
    "soft\u00adhyphen", "\u061c\u2060\u2061\u180e", "\ue000\uf8ff\U000f0000\U0010fffd",
    "\ufffd \ufffe \uffff", "\U0010ffff", "\u0378\u0379\u05ff\U000e0fff", "\U000e0001\U000e0065",
    "\ud7ff\ue000", "\U00010000\U0001f9ff\U0001fbff", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝟙𝟚𝟛 𝒙", "Ｆｕｌｌ　ｗｉｄｔｈ １２３！",
    "∀x∈ℝ: ⌈x⌉ ≥ x ∧ ∑∞", "a≠b a=\u0338b", "€$£¥₿ ©®™ §¶†", "“quoted” ‘single’ «angle» „low“", "¿Qué? ¡Sí!",
    "…—–‐‑‒ •·‧", "、。・「」『』【】〜", "؟ ، ؛ ۔ ٪", "।॥ ๏๚๛", "\u2e43\u2e52\U00011660", "\u166d\U000111c9",
    "<unk>", "x<unk>x", "<unk>\u0e01<unk>", "[UNK]", "a[UNK]b", "[CLS] text [SEP]", "[MASK]", "  [MASK]  x",
    "[mask] [Mask]", "[MASK][MASK] [ MASK ]", "##ing ing##", "▁under ▁▁ a▁b _", "<s> </s> <pad>",
    "shard", "shards shard. sharded", "ashard shard_ shard\u0301", "New York", "new york new  york",
    "<0x41> <0xE3>", "a" * 99, "a" * 100, "a" * 101, "é" * 100, "é" * 101, "日" * 101, "🙂" * 101,
    "e\u0301" * 60, "x" * 50 + " " + "y" * 150, ["a", 100_000], ["ab", 50_000], ["日", 30_000],
    ["\u0e01", 20_000], ["\u0301", 5_000], ["e\u0301\u0327", 5_000], [".", 20_000], [" ", 50_000], ["🙂", 10_000],
    ["shard ", 10_000], ["[MASK]", 5_000], ["\x00", 10_000], ["\u1100\u1161", 10_000], ["!", 10_000],
    *SENTENCES,
]

_BLOCKS = [(0x20, 0x7f), (0, 0x20), (0x80, 0x300), (0x300, 0x370), (0x370, 0x600), (0x600, 0xe00),
           (0xe00, 0x1200), (0x1100, 0x1200), (0x1ab0, 0x2000), (0x2000, 0x2100), (0x2100, 0x2e80),
           (0x3000, 0x3100), (0x4e00, 0x5000), (0xac00, 0xad00), (0xf900, 0x10000), (0x10000, 0x12000),
           (0x1d000, 0x1d800), (0x1f000, 0x1fb00), (0xe0000, 0xe0200), (0, 0x110000)]
_WORDS = sorted({word for line in SENTENCES for word in line.split()})


def whole(text):
    return text if isinstance(text, str) else text[0] * text[1]


def _character(chance):
    while True:
        code_point = chance.randrange(*chance.choice(_BLOCKS))
        if not 0xD800 <= code_point < 0xE000:
            return chr(code_point)


def made_text(seed, characters):
    """Words, and here and there something odd."""
    chance = random.Random(seed)
    odd = [text for text in ODD if isinstance(text, str)]
    parts, size = [], 0
    while size < characters:
        kind = chance.random()
        if kind < 0.75:
            part = chance.choice(_WORDS)
        elif kind < 0.85:
            part = chance.choice(odd)
        elif kind < 0.95:
            part = "".join(_character(chance) for _ in range(chance.randrange(1, 12)))
        else:
            part = "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randrange(1, 130)))
        parts.append(part + chance.choice([" ", " ", " ", " ", "", "  ", "\n", ", ", "\u3000"]))
        size += len(parts[-1])
    return "".join(parts)[:characters]
