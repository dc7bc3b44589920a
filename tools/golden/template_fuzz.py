"""Random chat templates from a grammar, for comparisons with the reference."""

import random

CONTEXT = {
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Grüße, wie geht's? 你好 🙂"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "a1", "function": {"name": "add", "arguments": {"x": 1, "y": 2.5}}},
                {"id": "b2", "function": {"name": "now", "arguments": {}}},
            ],
        },
        {"role": "tool", "content": "3.5", "name": "add"},
        {"role": "assistant", "content": "It is <b>3.5</b>.\n", "thinking": "easy"},
    ],
    "i": 3,
    "j": -7,
    "z": 0,
    "x": 2.5,
    "y": -0.125,
    "s": "Hello World",
    "t": "  padded\ttext \n",
    "u": "straße ÄÖÜ ǆ İi",
    "e": "",
    "yes": True,
    "no": False,
    "nil": None,
    "words": ["pear", "Apple", "fig", "apple", "Fig"],
    "numbers": [3, 1.5, 2, 10, -4],
    "mixed": [1, "a", None, True, 2.0, [1, 2], {"k": "v"}],
    "empty": [],
    "d": {"b": 1, "a": [1, 2, {"c": None}], "items": "shadow", "C": "x"},
    "nested": {"p": {"q": {"r": "deep"}}},
    "rows": [
        {"name": "Ann", "age": 30, "city": "Bonn"},
        {"name": "bob", "age": 25, "city": "Aachen"},
        {"name": "Cid", "age": 30, "city": "bonn"},
        {"name": "dee", "age": 41, "city": None},
    ],
}

NAMES = [name for name in CONTEXT if name != "messages"] + ["messages", "undef"]
STRINGS = ["''", "'a'", "'l'", "' '", "', '", "'Apple'", "'%s'", "'role'", "'name'", "'é'", "'\\n'", "'a.b'"]
NUMBERS = ["0", "1", "2", "3", "-1", "-2", "7", "10", "1.5", "0.1", "2.0", "1e3", "100"]
FILTERS = [
    "abs", "attr('name')", "batch(2)|list", "batch(2, 'z')|list", "capitalize", "center(9)", "count",
    "default('D')", "default('D', true)", "d", "dictsort", "dictsort(false, 'value')",
    "dictsort(reverse=true)", "e", "escape", "first", "float", "float(1)", "forceescape",
    "groupby('age')", "groupby('city')", "groupby('age', default=0)", "indent", "indent(2)",
    "indent(2, true)", "indent('> ', first=true, blank=true)", "int", "int(5)", "int(base=16)",
    "items|list", "join", "join(', ')", "join(',', attribute='name')", "last", "length", "list",
    "lower", "map('upper')|list", "map(attribute='name')|list", "map(attribute='age', default=1)|list",
    "map('string')|join('/')", "max", "min", "max(attribute='age')", "min(case_sensitive=true)",
    "reject('none')|list", "rejectattr('city', 'none')|list", "reject|list", "replace('l', 'L')",
    "replace('', '-')", "replace('a', 'b', 1)", "reverse|list", "reverse", "round", "round(1)",
    "round(1, 'floor')", "round(0, 'ceil')", "round(-1)", "safe", "select|list", "select('string')|list",
    "select('number')|map('abs')|list", "selectattr('city')|list", "selectattr('age', 'gt', 26)|list",
    "selectattr('name', 'in', ['Ann', 'Cid'])|map(attribute='age')|sum", "slice(2)|list",
    "slice(3, 'q')|list", "sort", "sort(reverse=true)", "sort(attribute='age,name')",
    "sort(case_sensitive=true)", "string", "sum", "sum(attribute='age')", "sum(start=10)", "title",
    "tojson", "tojson(indent=2)", "tojson(ensure_ascii=true)", "tojson(separators=(',', ':'))",
    "tojson(sort_keys=true)", "trim", "trim('Ha')", "truncate(5)", "truncate(8, true)",
    "truncate(6, false, '~', 0)", "unique|list", "unique(attribute='age')|list", "upper", "urlencode",
    "wordcount", "xmlattr", "filesizeformat", "filesizeformat(true)", "format('a', 1)", "format(x=1)",
]
TESTS = [
    "boolean", "callable", "defined", "divisibleby 2", "divisibleby(3)", "eq 3", "equalto('a')", "even",
    "false", "float", "ge 2", "gt 2", "in [1, 'a']", "in 'abc'", "integer", "iterable", "le 2", "lower",
    "lt 2", "mapping", "ne 1", "none", "number", "odd", "sameas true", "sequence", "string", "true",
    "undefined", "upper", "filter", "test", "escaped",
]
METHODS = [
    "strip()", "strip('H d')", "lstrip()", "rstrip('d')", "split()", "split('l')", "split(' ', 1)",
    "rsplit('l', 1)", "rsplit(maxsplit=1)", "splitlines()", "splitlines(true)", "startswith('He')",
    "endswith(('d', 'x'))", "startswith('l', 2)", "replace('o', '0')", "replace('o', '0', 1)", "upper()",
    "lower()", "title()", "capitalize()", "swapcase()", "join(words)", "find('l')", "rfind('l')",
    "find('l', -3)", "index('W')", "count('l')", "isdigit()", "isalpha()", "isalnum()", "isspace()",
    "isupper()", "islower()", "istitle()", "format(1, s)", "zfill(14)", "partition(' ')",
    "rpartition('l')", "removeprefix('He')", "removesuffix('ld')", "center(15, '*')", "ljust(14, '.')",
    "rjust(14)", "casefold()", "expandtabs(4)", "items()|list", "keys()|list", "values()|list",
    "get('b')", "get('zz', 5)", "get('a')", "index(1)", "count(1)", "append(1)", "update({})", "pop()",
    "copy()", "is_integer()", "bit_length()", "isidentifier()", "isprintable()", "isascii()",
]
ATTRIBUTES = ["role", "content", "name", "items", "b", "a", "p.q.r", "missing", "age", "keys", "title", "x.y", "0", "1"]
BINARY = ["+", "-", "*", "/", "//", "%", "~", "**"]
COMPARE = ["==", "!=", "<", ">", "<=", ">=", "in", "not in"]


class Fuzzer:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, options):
        return self.random.choice(options)

    def expression(self, depth=3):
        r = self.random.random()
        if depth <= 0 or r < 0.12:
            return self.atom()
        if r < 0.32:
            return f"{self.postfix(depth - 1)}|{self.pick(FILTERS)}"
        if r < 0.42:
            return f"{self.postfix(depth - 1)}.{self.pick(METHODS)}"
        if r < 0.48:
            return f"{self.postfix(depth - 1)}.{self.pick(ATTRIBUTES)}"
        if r < 0.54:
            inside = self.subscript(depth - 1)
            # The reference slices constants in its compiler, by rules of their own.
            base = self.pick(NAMES) if ":" in inside else self.postfix(depth - 1)
            return f"{base}[{inside}]"
        if r < 0.66:
            return f"{self.operand(depth - 1)} {self.pick(BINARY)} {self.operand(depth - 1)}"
        if r < 0.74:
            return f"{self.operand(depth - 1)} {self.pick(COMPARE)} {self.operand(depth - 1)}"
        if r < 0.82:
            negation = self.pick(["is", "is", "is not"])
            return f"{self.postfix(depth - 1)} {negation} {self.pick(TESTS)}"
        if r < 0.87:
            return f"{self.operand(depth - 1)} {self.pick(['and', 'or'])} {self.operand(depth - 1)}"
        if r < 0.9:
            return f"not {self.operand(depth - 1)}"
        if r < 0.92:
            return f"-{self.postfix(depth - 1)}"
        if r < 0.96:
            other = f" else {self.operand(depth - 1)}" if self.random.random() < 0.8 else ""
            return f"{self.operand(depth - 1)} if {self.operand(depth - 1)}{other}"
        return self.container(depth - 1)

    def atom(self):
        r = self.random.random()
        if r < 0.6:
            return self.pick(NAMES)
        if r < 0.75:
            return self.pick(STRINGS)
        if r < 0.92:
            return self.pick(NUMBERS)
        return self.pick(["true", "false", "none", "range(4)", "range(5, 0, -2)", "dict(a=1, b='x')"])

    def postfix(self, depth):
        text = self.expression(depth)
        simple = text.replace("_", "").isalnum() and not text[0].isdigit()
        return text if simple else f"({text})"

    def operand(self, depth):
        text = self.expression(depth)
        return f"({text})" if " " in text and self.random.random() < 0.8 else text

    def subscript(self, depth):
        r = self.random.random()
        if r < 0.3:
            return self.pick(NUMBERS[:8])
        if r < 0.45:
            return self.pick(STRINGS)
        if r < 0.6:
            return self.atom()
        bound = lambda: self.pick(["", "", "1", "2", "-1", "-3", "i", "10", "none"])
        step = self.pick(["", "", ":", ":2", ":-1", ":-2"])
        return f"{bound()}:{bound()}{step}"

    def container(self, depth):
        items = [self.expression(depth) for _ in range(self.random.randrange(4))]
        r = self.random.random()
        if r < 0.5:
            return "[" + ", ".join(items) + "]"
        if r < 0.7:
            return "(" + "".join(item + ", " for item in items) + ")"
        return "{" + ", ".join(f"'k{n}': {item}" for n, item in enumerate(items)) + "}"

    def text(self):
        return self.pick(["", "", "a", "\n", " \n  ", "\n\n", "<|x|>", "  b  ", "\t", "é\n"])

    def open(self):
        return self.pick(["{%", "{%", "{%-", "{%+"])

    def close(self):
        return self.pick(["%}", "%}", "-%}", "+%}"])

    def tag(self, inside):
        return f"{self.open()} {inside} {self.close()}"

    def body(self, depth, loop=False):
        return "".join(self.statement(depth, loop) for _ in range(self.random.randrange(1, 4)))

    def target(self):
        return self.pick(["v", "w", "i", "s", "ns.n", "ns.m"])

    def loop_expression(self):
        fields = ["index", "index0", "revindex", "revindex0", "first", "last", "length", "depth", "depth0",
                  "previtem", "nextitem", "cycle('a', 'b')", "changed(item)"]
        return f"loop.{self.pick(fields)}"

    def statement(self, depth, loop=False):
        r = self.random.random()
        text = self.text()
        if depth <= 0 or r < 0.3:
            sign = self.pick(["", "", "-"])
            inside = self.expression(2)
            if loop and self.random.random() < 0.4:
                inside = self.loop_expression()
            elif self.random.random() < 0.2:
                inside = self.pick(["v", "w", "ns.n", "ns.m", "item", "m(1)", "m(v, b=2)"])
            return f"{text}{{{{{sign} {inside} {sign}}}}}{self.text()}"
        if r < 0.45:
            return f"{text}{self.tag(f'set {self.target()} = {self.expression(2)}')}"
        if r < 0.58:
            parts = self.tag("if " + self.operand(1)) + self.body(depth - 1, loop)
            if self.random.random() < 0.3:
                parts += self.tag("elif " + self.operand(1)) + self.body(depth - 1, loop)
            if self.random.random() < 0.5:
                parts += self.tag("else") + self.body(depth - 1, loop)
            return text + parts + self.tag("endif")
        if r < 0.75:
            return text + self.for_loop(depth)
        if r < 0.8:
            control = self.pick(["break", "continue"]) if loop else "set v = 1"
            return text + self.tag(f"if {self.operand(1)}") + self.tag(control) + self.tag("endif")
        if r < 0.85:
            head = self.pick(["set v", "set w | upper", "set v | trim | title", "set ns.n"])
            return text + self.tag(head) + self.body(depth - 1) + self.tag("endset")
        if r < 0.9:
            signature = self.pick(["m()", "m(a)", "m(a, b=3)", "m(a=v, b=a)"])
            extra = self.pick(["", "{{ varargs }}", "{{ kwargs }}", "{{ caller is defined }}", "{{ caller() }}"])
            return text + self.tag(f"macro {signature}") + self.body(depth - 1) + extra + self.tag("endmacro")
        if r < 0.93:
            head = self.pick(["call m(1)", "call m(v)", "call(q) m(1)", "filter upper", "filter trim|replace('a', 'o')",
                              "generation", "with v = i", "with v = s, w = v", "raw"])
            return text + self.tag(head) + self.body(depth - 1) + self.tag("end" + head.split()[0].split("(")[0])
        if r < 0.96:
            return f"{text}{{#{self.pick(['', '-', '+'])} note {{{{ x }}}} {self.pick(['', '-'])}#}}"
        return f"{text}{self.tag('set ns = namespace(n=1, m=s)')}"

    def for_loop(self, depth):
        target = self.pick(["item", "item", "i", "k, v", "v"])
        source = self.pick(["messages", "words", "numbers", "d|dictsort", "d.items()", "range(3)", "rows", "s", "nil",
                            "undef", "empty", self.operand(1)])
        condition = f" if {self.operand(1)}" if self.random.random() < 0.25 else ""
        recursive = " recursive" if self.random.random() < 0.08 else ""
        other = self.tag("else") + self.body(depth - 1) if self.random.random() < 0.3 else ""
        head = self.tag(f"for {target} in {source}{condition}{recursive}")
        return head + self.body(depth - 1, loop=True) + other + self.tag("endfor")

    def literal(self):
        """A string literal with characters that are special somewhere."""
        points = [0x41, 0x61, 0x7A, 0x20, 0x09, 0x0A, 0x27, 0x22, 0x5C, 0x7F, 0x85, 0xA0, 0xAD, 0xDF, 0xB2, 0xBD,
                  0x130, 0x131, 0x149, 0x1C4, 0x1C5, 0x1F0, 0x345, 0x390, 0x3A3, 0x3C3, 0x3C2, 0x587, 0x660,
                  0x966, 0x10A0, 0x10D0, 0x13A0, 0x1E9E, 0x1F80, 0x1FFC, 0x200B, 0x2028, 0x2126, 0x2160, 0x24B6, 0x3007,
                  0x4E00, 0xA64A, 0xAB70, 0xFB03, 0xFB13, 0xFEFF, 0xFF21, 0x10400, 0x1D7D8, 0x1F170, 0x1F642, 0xE0001]
        points += [self.random.randrange(1, 0xD800) for _ in range(10)] + [self.random.randrange(0xE000, 0x20000)]
        text = "".join(chr(self.pick(points)) for _ in range(self.random.randrange(1, 7)))
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("{{", "").replace("%}", "") + '"'

    def number(self):
        r = self.random
        size = r.choice([1, 10, 1000, 1e6, 1e15, 1e17, 1e22, 1e-3, 1e-7, 1e300])
        value = r.choice([r.randrange(-100, 100), r.uniform(-1, 1) * size, r.randrange(-10**18, 10**18),
                          round(r.uniform(-99, 99), r.randrange(4)), r.randrange(-99, 99) / 2, 0, -0.0, True])
        return str(value) if value == value else "0"

    def formatted(self):
        r = self.random
        if r.random() < 0.5:
            flags = "".join(r.sample("-+ #0", r.randrange(3)))
            width = r.choice(["", "", "1", "8", "14"])
            precision = r.choice(["", "", ".0", ".1", ".3", ".9", "."])
            kind = r.choice("sdifFeEgGxXocra%")
            value = self.literal() if kind in "sra" and r.random() < 0.6 else self.number()
            return f"'[%{flags}{width}{precision}{kind}]' % ({value},)"
        fill = r.choice(["", "", "*", "0", "é"])
        align = r.choice("<>=^") if fill else r.choice(["", "", "<", ">", "=", "^"])
        spec = fill + align + r.choice(["", "", "+", "-", " "]) + r.choice(["", "", "#"]) + r.choice(["", "", "0"])
        spec += r.choice(["", "", "5", "12"]) + r.choice(["", "", ",", "_"]) + r.choice(["", "", ".0", ".2", ".7"])
        spec += r.choice(["", "", "d", "f", "e", "g", "G", "F", "E", "x", "X", "o", "b", "%", "s", "c", "n"])
        value = self.literal() if r.random() < 0.15 else self.number()
        return f"'[{{:{spec}}}]'.format({value})"

    def special(self):
        r = self.random.random()
        if r < 0.4:
            return self.formatted()
        if r < 0.7:
            use = self.pick(["|upper", "|lower", "|title", "|capitalize", "|trim", "|tojson", "|tojson(true)", "|wordcount",
                             "|urlencode", "|e", "|reverse", "|length", "|list", "|indent(1)", "|truncate(4, true, '')"])
            if self.random.random() < 0.6:
                use = "." + self.pick([m for m in METHODS if "(" in m and "items" not in m])
            return f"[{self.literal()}{use}]"
        if r < 0.85:
            use = self.pick(["|round", "|round(2)", "|round(-1)", "|round(1, 'ceil')", "|int", "|float", "|string", "|tojson",
                             "|abs", "|filesizeformat", " // 7", " % 7", " / 3", " ** 2", " * 1.5", " == 0", " is odd"])
            return f"({self.number()}){use}"
        sign = self.pick(["+", "-", "*", "/", "//", "%", "<", "=="])
        return f"({self.number()}) {sign} ({self.number()})"

    def template(self):
        if self.random.random() < 0.25:
            return "{{ " + self.special() + " }}"
        if self.random.random() < 0.45:
            return "{{ " + self.expression(3) + " }}"
        prefix = "{% set ns = namespace(n=0) %}" if self.random.random() < 0.5 else ""
        return prefix + self.body(3) + self.text()
