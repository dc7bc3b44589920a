"""Small templates, rendered with template_fuzz.CONTEXT. Each row of CASES is one template."""

LEXER = r"""
a{{ 1 }}b
{{1}}{{-2-}} {{ 3 -}}   x
  {% if true %}  y  {% endif %}  z
  {%- if true -%}  y  {%- endif -%}  z
  {%+ if true +%}  y  {%+ endif %}  z
{# c #}x{#- c -#} y {# {{ }} {% #}z
{% raw %}{{ x }} {% if %}{% endraw %}
 {%- raw -%}  {{ x }}  {%- endraw -%}  y
{{ 'a' 'b' "c" }}
{{ 'it\'s \"q\" \\ \x41 \u00e9 \U0001F642 \101 \q \a' }}
{{ "\é" }}
{{ '\ud800' }}
{{ '\xZZ' }}
{{ 'unclosed }}
{{ 1_000 }} {{ 0x1F }} {{ 0b101 }} {{ 0o17 }} {{ 00 }} {{ 1_0.5_0 }} {{ 1e3 }} {{ 1.5e-7 }} {{ 2E+2 }}
{{ 007 }}
{{ 1.e3 }}
{{ .5 }}
{{ numbers.0 }} {{ numbers.1.real }} {{ numbers.0.1 }}
{{ x.y.z }}
{{ s ! }}
{{ s ? }}
{{ (1 }}
{{ 1) }}
{{ [1) }}
{{ {'a': {'b': 1}}['a']['b'] }}
{{ {} }}{{ [] }}{{ () }}{{ (1,) }}{{ (1, 2) }}{{ 1, 2 }}{{ [1, ] }}{{ {'a': 1, } }}
{{ }}
{{
{%
{#
{# unclosed
{% raw %} unclosed
{% raw %}
{% if %}{% endif %}
{% if true %}
{% endif %}
{% for x in s %}{% endif %}
{% unknown %}
{% 1 %}
{{ é }}{{ _x }}
{{ true }}{{ True }}{{ false }}{{ None }}{{ none }}
{% set true = 1 %}
{% set 1 = 2 %}
{% set a.b.c = 2 %}
{% set [a] = [1] %}
{% set (a, b) = (1, 2) %}{{ a }}{{ b }}
{% set a, (b, c) = 1, [2, 3] %}{{ a }}{{ b }}{{ c }}
{% set a, b = 1 %}
{% set a, b = [1] %}
{% set a, b = 'xyz' %}
{% set a, b = 'xy' %}{{ b }}{{ a }}
{% include 'x' %}
{% print 1, 'a' %}
{% if true: %}x{% endif: %}
{{ s|nosuch }}
{{ s is nosuch }}
{% if no %}{{ s|nosuch }}{{ s is nosuch }}{% endif %}ok
{{ 1 if no else (s|nosuch) }}
{{ 'x' if yes else (s|nosuch) }}
{{ x if }}
{{ s is string is string }}
{{ s.1x }}
{{ s|upper() }}{{ s | lower | title }}
{{ s|replace('l', 'L', count=1) }}{{ s|replace(new='L', old='l') }}
{{ s|replace('l') }}
{{ s|replace('l', 'L', old='x') }}
{{ s|upper(1) }}
{{ dict(a=1, a=2) }}
{{ dict(**{'a': 1}, **{'b': 2}) }}
{{ range(*[1, 4])|list }}{{ dict(**{'a': 1}) }}{{ range(1, *[4])|list }}
{{ dict(a=1, **{'a': 2}) }}
{{ range(**{'a': 1}) }}
{{ range(*1) }}
"""

OPERATORS = r"""
{{ 1 + 2 * 3 - 4 / 2 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ 7 % 3 }} {{ -7 % 3 }} {{ 7 % -3 }} {{ 2 ** 3 ** 2 }}
{{ -2 ** 2 }} {{ 2 ** -1 }} {{ 2 ** 0.5 }} {{ 4 ** 0.5 }} {{ (-8) ** 2 }} {{ 10 ** 20 }}
{{ 7.5 // 2 }} {{ -7.5 // 2 }} {{ 7.5 % 2 }} {{ -7.5 % 2 }} {{ 7 % 2.5 }} {{ 1 / 3 }} {{ 1e308 * 10 }}
{{ 1 / 0 }}
{{ 1 // 0 }}
{{ 1 % 0 }}
{{ 1.0 / 0 }}
{{ 0 ** -1 }}
{{ 5 - -3 }} {{ - - 3 }} {{ +3 }} {{ +true }} {{ -true }} {{ not 3 }} {{ not not 3 }}
{{ -s }}
{{ +s }}
{{ -undef }}
{{ true + true }} {{ true * 3 }} {{ 3 * 1.5 }} {{ 0.1 + 0.2 }}
{{ 'a' + 'b' }} {{ 'a' * 3 }} {{ 3 * 'a' }} {{ [1] * 2 }} {{ (1,) * 2 }} {{ 'a' * -1 }}|{{ [1] + [2] }} {{ (1,) + (2,) }}
{{ 'a' + 1 }}
{{ 1 + 'a' }}
{{ [1] + (2,) }}
{{ none + 1 }}
{{ {} + {} }}
{{ 'a' * 'b' }}
{{ 'a' - 'b' }}
{{ s ** 2 }}
{{ undef + 1 }}
{{ 1 + undef }}
{{ 'a' + undef }}
{{ 'a' ~ undef ~ 1 ~ none ~ true ~ 1.0 ~ [1, 'a'] }}
{{ 1 ~ 2 + 3 }}
{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 3 > 2 >= 2 != 1 }} {{ 1 == 1.0 == true }}
{{ 'a' < 'b' }} {{ 'B' < 'a' }} {{ [1, 2] < [1, 3] }} {{ (1, 2) <= (1, 2) }} {{ [1] < [1, 0] }}
{{ 1 < 'a' }}
{{ none < 1 }}
{{ {} < {} }}
{{ [1] < (1,) }}
{{ undef < 1 }}
{{ undef == undef2 }} {{ undef == none }} {{ undef != 1 }} {{ none == none }}
{{ 1 in [1, 2] }} {{ 'a' in 'abc' }} {{ 'k' in {'k': 1} }} {{ 1 not in [1] }} {{ 2 in (1, 2) }} {{ 3 in range(5) }}
{{ 1 in 'abc' }}
{{ 1 in 5 }}
{{ 1 in undef }} {{ undef in [1] }} {{ undef in {} }}
{{ undef in 'a' }}
{{ [1] in {} }}
{{ 1 and 2 }} {{ 0 and 2 }} {{ 0 or 'x' }} {{ '' or none }} {{ 1 or undef.x }} {{ not 1 == 2 }} {{ not 1 in [1] }}
{{ 1 if true }} {{ 1 if false }}|{{ 1 if false else 2 }} {{ 1 if false else 2 if false else 3 }}
{{ (1 if false).x }}
{{ [1, 2.0, 'a', "it's", 'q"', 'b"\'', '\n\t\\é\u200b\x00', none, true, {'k': (1,)}, ()] }}
{{ {'a': 1, 'b': [2], 3: none, 1.5: true, none: 0, true: 'T'} }}
{{ {1: 'a', 1.0: 'b', true: 'c'} }}
{{ {[1]: 2} }}
{{ {undef: 1} }}
{{ [undef, undef.x is defined] }}
{{ 123456789012345678901234567890 }} {{ 18446744073709551615 + 1 }} {{ -9223372036854775808 - 1 }}
{{ 1e16 }} {{ 1e15 }} {{ 123456789.123 }} {{ 1e-4 }} {{ 0.00001 }} {{ 1e100 }} {{ 5e-324 }} {{ -0.0 }} {{ 100.0 }} {{ 1e22 }} {{ 1.7976931348623157e308 }}
{{ 1e999 }} {{ -1e999 }} {{ 1e999 - 1e999 }}
{{ 2 ** 62 * 4 }} {{ 7 // 0.5 }} {{ 1e20 // 3 }} {{ 5 // -0.3 }} {{ 0.0 // 1 }} {{ -0.0 // 1 }}
{{ 3 == 3.0000000001 }} {{ 9007199254740993 == 9007199254740992.0 }} {{ 9007199254740993 > 9007199254740992.0 }}
{{ s[0] }}{{ s[-1] }}{{ u[4] }}{{ s[99] }}|{{ s['x'] }}|{{ s[1.0] }}|{{ s[true] }}
{{ s[1:3] }} {{ s[:-1] }} {{ s[::-1] }} {{ s[::2] }} {{ s[-3:] }} {{ s[5:2] }}|{{ u[3:6] }} {{ u[::-2] }} {{ s[none:2] }}
{{ numbers[1:3] }} {{ numbers[::-1] }} {{ numbers[10:] }} {{ numbers[-2:] }} {{ numbers[3:0:-2] }} {{ numbers[:100:3] }}
{{ s[::0] }}
{{ s['a':] }}
{{ d[1:] }}
{{ x[1:] }}
{{ undef[1:] }}
{{ (1, 2, 3)[1:] }} {{ range(10)[2:5] }} {{ range(10)[::-3]|list }} {{ range(0, 10, 3)[1] }} {{ range(3)[7] }}|
{{ numbers[0] }} {{ numbers[-5] }} {{ numbers[-6] }}| {{ numbers['0'] }}| {{ numbers[undef] }}|
{{ numbers[1, 2] }}|{{ d['b'] }}{{ d.b }}{{ d['zz'] }}|{{ d.zz }}|{{ d['items'] }}{{ d.items is callable }}
{{ d.zz.y }}
{{ d['zz']['y'] }}
{{ nil.x }}|{{ i.x }}|{{ nil['x'] }}
{{ nil.x.y }}
{{ i[0] }}|{{ i[0][1] }}
{{ undef.x }}
{{ undef['x'] }}
{{ undef() }}
{{ s() }}
{{ d.b() }}
{{ s.nosuch() }}
{{ messages[0].content.nosuch.deep }}
{{ numbers.append(5) }}
{{ numbers.append }}|{{ numbers.append is defined }}
{{ d.update({'a': 1}) }}
{{ d.pop('a') }}
{{ d.clear is defined }}|{{ s.__class__ }}|{{ s.__class__ is defined }}
{{ s.__class__.__mro__ }}
{{ ''.__class__() }}
{{ d['__class__'] }}|{{ d.__len__ }}|{{ d.__foo__ }}
{{ loop }}|{{ caller }}|{{ varargs }}
{{ nested.p.q.r }} {{ nested['p'].q['r'] }} {{ nested.p['q'] }}
{{ messages[-1].content[-5:] }}{{ messages[1]['content']|length }}
"""

STATEMENTS = r"""
{% for a in [1, 2] %}{{ a }}{% endfor %}{{ a }}
{% for a in [] %}x{% else %}none{% endfor %}
{% for a in [1] %}{% break %}{% else %}else after break{% endfor %}
{% for a in [1, 2] %}{% continue %}{% else %}else after continue{% endfor %}
{% for a in range(5) %}{% if a == 1 %}{% continue %}{% endif %}{% if a == 3 %}{% break %}{% endif %}{{ a }}{% endfor %}
{% break %}
{% for a in [1] %}{% macro m() %}{% break %}{% endmacro %}{% endfor %}
{% for a in 'héy' %}{{ a }}-{% endfor %}
{% for a in d %}{{ a }},{% endfor %}{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}
{% for a in 5 %}{% endfor %}
{% for a in none %}{% endfor %}
{% for a in undef %}x{% else %}empty{% endfor %}
{% for a, b in [[1, 2], (3, 4), 'xy'] %}{{ a }}{{ b }}{% endfor %}
{% for a, b in [[1]] %}{% endfor %}
{% for a, b in [[1, 2, 3]] %}{% endfor %}
{% for a, b in [1] %}{% endfor %}
{% for (a, b), c in [((1, 2), 3)] %}{{ a }}{{ b }}{{ c }}{% endfor %}
{% for a in numbers if a > 2 %}{{ loop.index }}/{{ loop.length }}:{{ a }} {% endfor %}
{% for a in numbers if loop.index > 1 %}{{ a }}{% endfor %}
{% for k, v in d.items() if k != 'items' %}{{ k }}{{ loop.last }} {% endfor %}
{% for a in [1, 2, 3] %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.depth }}{{ loop.depth0 }} {% endfor %}
{% for a in [1, 2, 3] %}{{ loop.previtem }}<{{ a }}>{{ loop.nextitem }} {{ loop.previtem is defined }} {% endfor %}
{% for a in [1, 2, 3] %}{{ loop.previtem.x }}{% endfor %}
{% for a in [1, 1, 2] %}{{ loop.changed(a) }}{{ loop.cycle('x', 'y') }}{% endfor %}
{% for a in [1] %}{{ loop.cycle() }}{% endfor %}
{% for a in [1, 2] %}{{ loop }}{{ loop|length }}{% endfor %}
{% for a in [1] %}{{ loop(1) }}{% endfor %}
{% for a in [1, 2] %}{% for b in [3] %}{{ loop.index }}{% endfor %}{{ loop.index }}{% endfor %}
{% for a in [1, 2] %}{% set outer = loop %}{% for b in [3, 4] %}{{ outer.index }}{{ loop.index }} {% endfor %}{% endfor %}
{% for a in [1] %}{% set loop = 5 %}{% endfor %}
{% for loop in [1] %}{% endfor %}
{% for a in [[1, [2, 3]], [4]] recursive %}{{ a if a is number else '(' ~ loop(a) ~ ')' }}{{ loop.depth }}{% if not loop.last %},{% endif %}{% endfor %}
{% for a in [1] recursive %}{{ loop(5) }}{% endfor %}
{% for a in messages|map(attribute='role') %}{{ loop.last }}{{ loop.length }}{{ a }} {% endfor %}
{% for a in [1, 2, 3]|map('string') %}{{ loop.revindex }}{{ loop.nextitem }} {% endfor %}
{% for a in 1, 2, 3 %}{{ a }}{% endfor %}
{% for a in [1, 2] if yes else [3] %}{{ a }}{% endfor %}
{% if i == 3 %}three{% elif i == 4 %}four{% else %}other{% endif %}{% if z %}{% elif nil %}{% else %}E{% endif %}
{% if undef %}x{% elif undef is defined %}y{% else %}z{% endif %}
{% if undef.x %}{% endif %}
{% set v = 1 %}{% for a in [1] %}{% set v = 2 %}{{ v }}{% endfor %}{{ v }}
{% set v = 1 %}{% if yes %}{% set v = 2 %}{% endif %}{{ v }}
{% for a in [1, 2] %}{{ v }}{% set v = a %}{{ v }}{% endfor %}{{ v }}
{% for a in [1, 2] %}{% if a == 1 %}{% set v = 'x' %}{% endif %}{{ v }}|{% endfor %}
{% set s = s ~ '!' %}{{ s }}{% for a in [1] %}{{ s }}{% set s = 'in' %}{{ s }}{% endfor %}{{ s }}
{% set ns = namespace(n=0, l=[]) %}{% for a in [1, 2] %}{% set ns.n = ns.n + a %}{% set ns.l = ns.l + [a] %}{% endfor %}{{ ns.n }}{{ ns.l }}{{ ns }}{{ ns.zz }}|
{% set ns = namespace({'a': 1}, b=2) %}{{ ns.a }}{{ ns.b }}{{ ns['a'] }}{% set ns.a, ns.b = 5, 6 %}{{ ns.a }}{{ ns.b }}
{% set ns = namespace([('a', 1)]) %}{{ ns.a }}
{% set ns = namespace(1) %}
{% set ns = namespace(_a=1) %}
{% set ns = namespace() %}{% set ns._a = 1 %}
{% set ns = namespace() %}{% set ns.me = ns %}{{ ns }}
{% set d.b = 2 %}
{% set undef.b = 2 %}
{% set ns = namespace(a=1) %}{{ ns is mapping }}{{ ns is iterable }}{{ ns is callable }}{{ ns == ns }}{{ ns|string }}
{% set v %}a{{ 1 }}b{% endset %}{{ v }}{{ v is string }}
{% set v | upper | replace('A', 'x') %}abc{% endset %}{{ v }}
{% set ns = namespace() %}{% set ns.v %}abc{% endset %}{{ ns.v }}
{% for a in [1, 2] %}{% set v %}{% if a == 1 %}{% continue %}{% endif %}x{% endset %}{{ v }}{{ a }}{% endfor %}
{% macro m(a, b=2, c='x') %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ m(1) }}|{{ m(1, c=3) }}|{{ m() }}|{{ m(b=5) }}|{{ m(1, 2, 3) }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(b=2) }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, a=2) }}
{% macro m(a) %}{{ a.x }}{% endmacro %}{{ m() }}
{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, x=3) }}
{% macro m(a, b=a) %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }}{{ m() }}
{% macro m(a=b, b=1) %}{{ a }}|{{ b }}{% endmacro %}{{ m() }}
{% macro m(a, a) %}{% endmacro %}
{% macro m(a=1, b) %}{% endmacro %}
{% macro m(n) %}{% if n %}{{ n }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(5) }}
{% macro m() %}{{ v }}{% endmacro %}{{ m() }}{% set v = 1 %}{{ m() }}{% set v = 2 %}{{ m() }}
{% macro m() %}{% set v = 5 %}{{ v }}{% endmacro %}{% set v = 1 %}{{ m() }}{{ v }}
{% macro m() %}{% set s = s ~ '!' %}{{ s }}{% endmacro %}{{ m() }}{{ m() }}{{ s }}
{% for a in [1, 2] %}{% macro m() %}{{ a }}{% endmacro %}{{ m() }}{% endfor %}{{ m is defined }}
{% if yes %}{% macro m() %}M{% endmacro %}{% endif %}{{ m() }}{{ m }}{{ m.name }}{{ m.arguments }}
{% macro m() %}[{{ caller() }}]{% endmacro %}{% call m() %}body{{ i }}{% endcall %}
{% macro m() %}[{{ caller(1, b=2) }}]{% endmacro %}{% call(a, b) m() %}{{ a }}{{ b }}{% endcall %}
{% macro m() %}[{{ caller() }}]{% endmacro %}{{ m() }}
{% macro m() %}[{{ caller is defined }}{{ caller }}]{% endmacro %}{{ m() }}{% call m() %}{% endcall %}
{% macro m() %}x{% endmacro %}{% call m() %}y{% endcall %}
{% macro m(caller) %}{{ caller }}{% endmacro %}{{ m(1) }}
{% macro m(caller=3) %}{{ caller }}{% endmacro %}{{ m() }}{{ m(4) }}
{% call s.upper() %}{% endcall %}
{% call 5 %}{% endcall %}
{% filter upper %}abc{{ s }}{% endfilter %}{% filter trim|replace('a', 'b')|indent(2, true) %} a{% endfilter %}
{% with a = 1, b = i %}{{ a }}{{ b }}{% set c = 3 %}{{ c }}{% endwith %}{{ a }}{{ c }}
{% set a = 1 %}{% with a = 2, b = a %}{{ a }}{{ b }}{% endwith %}{{ a }}
{% with %}{% set q = 1 %}{{ q }}{% endwith %}{{ q }}
{% generation %}a{% set g = 1 %}{{ g }}{% endgeneration %}{{ g }}
{% for a in [1] %}{% generation %}{{ loop.index }}{{ a }}{% endgeneration %}{% endfor %}
{% for a in [1] %}{% generation %}{% break %}{% endgeneration %}{% endfor %}
{{ raise_exception('no ' ~ s) }}
{% if no %}{{ raise_exception('never') }}{% endif %}ok
{{ raise_exception() }}
{% macro m() %}{{ raise_exception('inside') }}{% endmacro %}{{ m() }}
{% set j = joiner(', ') %}{% for a in [1, 2, 3] %}{{ j() }}{{ a }}{% endfor %}{% set k = joiner() %}{{ k() }}{{ k() }}
{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.next() }}{{ c.current }}{{ c.reset() }}{{ c.current }}
{{ cycler() }}
{{ range(3)|list }}{{ range(1, 8, 3)|list }}{{ range(3, 0, -1)|list }}{{ range(0) }}{{ range(2, 5) }}{{ range(0, 9, 2) }}
{{ range(3) == range(0, 3) }}{{ range(3)|length }}{{ range(5)|last }}{{ range(5)|first }}{{ range(5)|sum }}{{ range(3).start }}{{ range(4).index(2) }}{{ range(4).count(9) }}
{{ range(100001)|length }}
{{ range(100000)|length }}
{{ range(1, 2, 0) }}
{{ range('a') }}
{{ range(2.0) }}
{{ range() }}
{{ dict() }}{{ dict(a=1) }}{{ dict({'b': 2}, a=1) }}{{ dict([('x', 1)]) }}{{ dict.fromkeys(['a'], 1) }}{{ dict is callable }}
{{ dict([1]) }}
{{ dict(1, 2) }}
{{ strftime_now('') }}|{{ strftime_now('100%% %q')|length > 0 }}|{{ strftime_now('%Y')|length }}
{{ strftime_now(5) }}
{{ messages[4].reasoning_content }}{{ messages[4].thinking }}{{ messages[4]|tojson }}{{ tools }}{{ documents is none }}{{ add_generation_prompt }}
{% if yes -%}
    {{ i }}
{%- endif +%}
tail
"""

FILTERS = r"""
{{ -3|abs }}{{ (-3)|abs }}{{ (-2.5)|abs }}{{ true|abs }}
{{ s|abs }}
{{ undef|abs }}
{{ 'hELLO wORLD'|capitalize }}{{ ''|capitalize }}{{ 5|capitalize }}{{ 'ǆx'|capitalize }}{{ 'ßx'|capitalize }}
{{ 'ab'|center(7) }}|{{ 'ab'|center(8) }}|{{ 'abc'|center(6) }}|{{ 'abc'|center(1) }}|{{ s|center|length }}
{{ undef|default }}|{{ undef|default('d') }}|{{ ''|default('d') }}|{{ ''|default('d', true) }}|{{ none|default('d') }}|{{ none|d('d', boolean=true) }}|{{ undef.x|default(1) if undef is defined }}
{{ {'B': 1, 'a': 3, 'C': 2}|dictsort }}{{ {'B': 1, 'a': 3, 'C': 2}|dictsort(true) }}{{ {'B': 1, 'a': 3}|dictsort(by='value', reverse=true) }}
{{ {'B': 1}|dictsort(by='x') }}
{{ {1: 2, 'a': 3}|dictsort }}
{{ s|dictsort }}
{{ '<a href="x">\'&\'</a>'|e }}{{ '<'|e|e }}{{ '<'|e|forceescape }}{{ '<'|safe|e }}{{ none|e }}{{ [1, '<']|e }}
{{ ('<'|e) + '<' }}{{ '<' + ('<'|safe) }}{{ ('<'|safe) ~ '<' }}{{ ('%s'|safe) % '<' }}{{ ('{}'|safe).format('<') }}{{ ('a'|safe).join(['<', 'b']) }}
{{ ['<'|safe, '<'|e] }}{{ ('<b>'|safe)|upper ~ '<' }}{{ (('<b>'|safe)|upper) + '<' }}{{ ('<'|safe).replace('<', '>') }}{{ ('<'|safe) * 2 + '<' }}
{{ [1, 2]|first }}{{ []|first }}|{{ 'ab'|first }}{{ d|first }}{{ []|last }}|{{ 'ab'|last }}{{ d|last }}{{ undef|first }}|{{ undef|last }}
{{ []|first.x }}
{{ ([]|first).x }}
{{ 5|first }}
{{ (s|map('upper'))|last }}
{{ '1.5'|float }}{{ 'x'|float }}{{ 'x'|float(2) }}{{ none|float }}{{ ' 1e3 '|float }}{{ 'inf'|float }}{{ 'nan'|float }}{{ true|float }}{{ '1_0'|float }}{{ '5.'|float }}{{ '.5'|float }}{{ '1e'|float }}{{ '-Infinity'|float }}
{{ undef|float }}
{{ '%s-%d-%.2f'|format('a', 3, 1.5) }}{{ '%(a)s'|format(a=1) }}{{ 'x'|format }}
{{ '%s'|format }}
{{ 'x'|format(1) }}
{{ '%s'|format(1, a=2) }}
{{ rows|groupby('age') }}
{% for age, people in rows|groupby('age') %}{{ age }}:{{ people|map(attribute='name')|join('+') }} {% endfor %}
{% for g in rows|groupby('age') %}{{ g.grouper }}{{ g.list|length }}{{ g[0] }} {% endfor %}
{{ rows|rejectattr('city', 'none')|groupby('city')|map('first')|list }}{{ rows|rejectattr('city', 'none')|groupby('city', case_sensitive=true)|map('first')|list }}
{{ rows|groupby('city') }}
{{ 'a\nb\n\nc'|indent }}|{{ 'a\nb\n\nc'|indent(2, true) }}|{{ 'a\n\nb'|indent(1, false, true) }}|{{ 'a\nb'|indent('> ') }}|{{ ''|indent }}|{{ 'a\n'|indent }}|{{ 'a\r\nb\x0bc'|indent(1) }}
{{ 5|indent }}
{{ undef|indent }}
{{ '42'|int }}{{ '42.9'|int }}{{ 'x'|int }}{{ 'x'|int(7) }}{{ '0x1f'|int(base=16) }}{{ '101'|int(0, 2) }}{{ 3.99|int }}{{ -3.99|int }}{{ none|int }}{{ true|int }}{{ ' 5 '|int }}{{ '1_000'|int }}{{ '1e3'|int }}{{ 'inf'|int }}{{ []|int(4) }}{{ '-0b11'|int(base=2) }}{{ '08'|int }}{{ '0o7'|int(base=0) }}{{ '0x'|int(9, 16) }}
{{ undef|int }}
{{ (1e999)|int }}
{{ [1, 'a', none, 2.5]|join }}{{ [1, 2]|join('-') }}{{ 'abc'|join(',') }}{{ rows|join('/', attribute='name') }}{{ d|join('|') }}{{ [1, 2]|join(3) }}{{ undef|join }}{{ [undef]|join }}
{{ 5|join }}
{{ [1, 2]|length }}{{ 'héé'|length }}{{ d|count }}{{ undef|length }}{{ ''|length }}
{{ 5|length }}
{{ none|length }}
{{ 'abc'|list }}{{ d|list }}{{ range(2)|list }}{{ undef|list }}{{ (1, 2)|list }}{{ d.items()|list }}
{{ 5|list }}
{{ 'ÀÉß'|lower }}{{ 'ÀéßŒ'|upper }}{{ 'ΑΣ ΣΑ Σ'|lower }}{{ 'İI'|lower }}{{ 'ŉǰΐﬁ'|upper }}{{ 5|upper }}{{ none|lower }}{{ undef|upper }}
{{ {'a': 1}|items|list }}{{ undef|items|list }}{% for k, v in d|items %}{{ k }}{% endfor %}
{{ [1]|items|list }}
{{ ['a', 'b']|map('upper')|list }}{{ rows|map(attribute='name')|list }}{{ rows|map(attribute='zz', default='-')|list }}{{ [[1, 2]]|map(attribute=1)|list }}{{ [{'a': {'b': 1}}]|map(attribute='a.b')|list }}{{ ['a']|map('replace', 'a', 'x')|list }}{{ []|map('nosuch')|list }}
{{ [1]|map('nosuch')|list }}
{{ [1]|map|list }}
{{ [1]|map(attribute='a', zz=1)|list }}
{{ rows|map(attribute='zz.y')|list }}
{{ ['a']|map(undef)|list }}
{{ [3, 1, 2]|max }}{{ [3, 1, 2]|min }}{{ ['b', 'A']|min }}{{ ['b', 'A']|max }}{{ ['b', 'A']|min(case_sensitive=true) }}{{ rows|max(attribute='age') }}{{ []|max }}|{{ 'hello'|max }}
{{ [1, 'a']|max }}
{{ ([]|min).x }}
{{ [1, 2, 3, 4]|reject('odd')|list }}{{ [1, 2, 3]|select('odd')|list }}{{ [0, 1, '', 'a', none]|select|list }}{{ [0, 1]|reject|list }}{{ [1, 2, 3]|select('gt', 1)|list }}{{ [1, 2, 3]|select('divisibleby', 3)|list }}{{ [1, 5]|select('in', [5])|list }}{{ ['a', 'b']|reject('equalto', 'a')|list }}{{ [1, 2]|select('==', 2)|list }}
{{ [1]|select('nosuch')|list }}
{{ rows|selectattr('age', 'equalto', 30)|map(attribute='name')|list }}{{ rows|selectattr('city')|list|length }}{{ rows|rejectattr('city')|map(attribute='name')|list }}{{ rows|selectattr('name', 'string')|list|length }}{{ rows|selectattr('zz', 'defined')|list }}{{ messages|rejectattr('role', 'equalto', 'system')|list|length }}{{ messages|selectattr('tool_calls', 'defined')|list|length }}
{{ rows|selectattr|list }}
{{ 'aXbX'|replace('X', '-') }}{{ 'aaa'|replace('a', 'b', 2) }}{{ 'ab'|replace('', '.') }}{{ 5|replace(5, 6) }}{{ 'x'|replace('x', none) }}
{{ [1, 2]|reverse|list }}{{ 'abé'|reverse }}{{ d|reverse|list }}{{ range(3)|reverse|list }}{{ undef|reverse|list }}
{{ 5|reverse }}
{{ 2.5|round }}{{ 3.5|round }}{{ 2.675|round(2) }}{{ 42.55|round(1, 'floor') }}{{ 42.51|round(0, 'ceil') }}{{ 1234.5|round(-2) }}{{ 5|round }}{{ 15|round(-1) }}{{ 25|round(-1) }}{{ 5|round(0, 'ceil') }}{{ -2.5|round }}{{ true|round }}
{{ 1.5|round(1, 'x') }}
{{ 'a'|round }}
{{ [1, 2, 3, 4, 5, 6, 7]|slice(3)|list }}{{ [1, 2, 3, 4, 5, 6, 7]|slice(3, 'f')|list }}{{ [1]|slice(3)|list }}{{ [1, 2, 3, 4, 5]|batch(2)|list }}{{ [1, 2, 3]|batch(2, 0)|list }}{{ [1, 2]|batch(0)|list }}{{ []|batch(2)|list }}
{{ [1]|slice(0)|list }}
{{ [3, 1, 2]|sort }}{{ ['b', 'A', 'a', 'B']|sort }}{{ ['b', 'A', 'a']|sort(case_sensitive=true) }}{{ [3, 1]|sort(true) }}{{ rows|sort(attribute='age')|map(attribute='name')|list }}{{ rows|sort(attribute='age,name', reverse=true)|map(attribute='name')|list }}{{ 'hello'|sort }}{{ d|sort }}{{ [[2], [1, 5]]|sort }}{{ [1.5, true, 0]|sort }}
{{ [1, 'a']|sort }}
{{ [none, 1]|sort }}
{{ rows|sort(attribute='zz') }}{{ rows|sort(attribute='zz.y') }}
{{ 1|string ~ [1]|string ~ none|string ~ {'a': 'b'}|string }}{{ 5|string is string }}
{{ [1, 2.5]|sum }}{{ rows|sum(attribute='age') }}{{ []|sum }}{{ [[1], [2]]|sum(start=[]) }}{{ [1]|sum(start=5) }}
{{ ['a']|sum }}
{{ ['a']|sum(start='') }}
{{ 'hello wORLD foo-bar (baz) {qux [a <b'|title }}{{ "it's"|title }}{{ 'ß ǆ'|title }}{{ none|title }}
{{ d|tojson }}{{ s|tojson }}{{ 'é"\\\n\u2028\x7f\x01/<>&\''|tojson }}{{ [1, 1.0, 1e20, none, true, undef is defined]|tojson }}{{ {}|tojson }}{{ []|tojson }}{{ (1, 2)|tojson }}{{ {1: 2, none: 3, true: 4, 1.5: 5}|tojson }}
{{ d|tojson(indent=2) }}{{ [[], {}, [1]]|tojson(indent=1) }}{{ d|tojson(indent='--') }}{{ [1]|tojson(indent=0) }}{{ d|tojson(indent=none) }}
{{ 'é🙂'|tojson(ensure_ascii=true) }}{{ d|tojson(separators=(',', ':')) }}{{ {'b': 1, 'a': 2}|tojson(sort_keys=true) }}{{ {'b': 1}|tojson(false, 4, (',', ':'), true) }}{{ 'é'|tojson(true) }}{{ 1e999|tojson }}
{{ undef|tojson }}
{{ range(2)|tojson }}
{{ {(1, 2): 3}|tojson }}
{{ [1]|map('string')|tojson }}
{{ '  a b '|trim }}|{{ 'xxaxx'|trim('x') }}|{{ '\u3000\x1fa\u2003'|trim }}|{{ 5|trim }}|{{ undef|trim }}|{{ 'abc'|trim('ca') }}
{{ 'a'|trim(5) }}
{{ 'foo bar baz qux'|truncate(9) }}|{{ 'foo bar baz qux'|truncate(9, true) }}|{{ 'foo bar baz qux'|truncate(11) }}|{{ 'foo bar baz qux'|truncate(11, false, '...', 0) }}|{{ 'abc'|truncate }}|{{ 'ééééééééééééééé'|truncate(5, true, '…') }}
{{ 'abc'|truncate(1) }}
{{ ['b', 'B', 'a', 'b']|unique|list }}{{ ['b', 'B']|unique(true)|list }}{{ rows|unique(attribute='age')|map(attribute='name')|list }}{{ [1, 1.0, true, '1']|unique|list }}
{{ [[1], [1]]|unique|list }}
{{ 'a b/é?&=~-_.'|urlencode }}|{{ {'a b': 'c/d', 'é': 1}|urlencode }}|{{ [('x', 'y z')]|urlencode }}|{{ 5|urlencode }}
{{ 'one two, three-four_5 é'|wordcount }}{{ ''|wordcount }}
{{ {'class': 'a<b', 'n': none, 'u': undef, 'i': 5}|xmlattr }}{{ {'a': 1}|xmlattr(false) }}{{ {}|xmlattr }}
{{ {'a b': 1}|xmlattr }}
{{ 1|filesizeformat }} {{ 100|filesizeformat }} {{ 1000|filesizeformat }} {{ 1234567|filesizeformat }} {{ 1048576|filesizeformat(true) }} {{ 1e30|filesizeformat }} {{ '500'|filesizeformat }}
{{ rows[0]|attr('name') }}|{{ s|attr('upper') is callable }}|{{ s|attr('zz') }}|{{ range(2)|attr('stop') }}
{{ undef|attr('x') }}
"""

TESTS = r"""
{{ true is boolean }}{{ 1 is boolean }}{{ s is callable }}{{ range is callable }}{{ undef is callable }}{{ s.upper is callable }}
{{ s is defined }}{{ undef is defined }}{{ d.zz is defined }}{{ d.zz is undefined }}{{ nil is defined }}{{ loop is defined }}
{{ 4 is divisibleby 2 }}{{ 4 is divisibleby(3) }}{{ 4 is even }}{{ 3 is odd }}{{ 2.0 is even }}{{ -3 is odd }}{{ true is odd }}
{{ s is even }}
{{ none is odd }}
{{ 1 is eq 1 }}{{ 1 is equalto 2 }}{{ 1 is ne 2 }}{{ 1 is lt 2 }}{{ 1 is le 1 }}{{ 2 is gt 1 }}{{ 2 is ge 3 }}{{ 1 is greaterthan 0 }}{{ 1 is lessthan 0 }}{{ 1 is sameas 1 }}{{ true is sameas true }}{{ none is sameas none }}
{{ false is false }}{{ 0 is false }}{{ true is true }}{{ 1 is true }}{{ none is none }}{{ undef is none }}
{{ 1.0 is float }}{{ 1 is float }}{{ 1 is integer }}{{ true is integer }}{{ 1.0 is number }}{{ true is number }}{{ '1' is number }}
{{ s is string }}{{ 1 is string }}{{ ('a'|safe) is string }}{{ ('a'|safe) is escaped }}{{ d is mapping }}{{ [] is mapping }}{{ ns is mapping }}
{{ [] is iterable }}{{ s is iterable }}{{ 5 is iterable }}{{ none is iterable }}{{ undef is iterable }}{{ d.items() is iterable }}{{ range(2) is iterable }}{{ ([]|map('upper')) is iterable }}
{{ [] is sequence }}{{ (1,) is sequence }}{{ s is sequence }}{{ d is sequence }}{{ 5 is sequence }}{{ none is sequence }}{{ undef is sequence }}{{ d.items() is sequence }}{{ range(2) is sequence }}{{ ([]|map('upper')) is sequence }}
{{ 'abc' is lower }}{{ 'Abc' is lower }}{{ 'ABC' is upper }}{{ '1' is upper }}{{ 5 is lower }}{{ 'ª' is lower }}{{ 'ⅷ' is upper }}
{{ 1 is in [1, 2] }}{{ 'a' is in 'b' }}{{ 1 is not in [1] }}{{ 'x' is not in 'abc' }}{{ 1 is in(range(3)) }}
{{ 'upper' is filter }}{{ 'zz' is filter }}{{ 'odd' is test }}{{ 'zz' is test }}{{ 5 is filter }}
{{ [] is filter }}
{{ 1 is not none }}{{ not 1 is none }}{{ 1 is none or 2 is integer }}{{ 'a' if s is string else 'b' }}{{ s is string and i is integer }}{{ 1 is divisibleby 1 and true }}
{{ i is eq j }}{{ i is eq 1 + 2 }}{{ 3 is eq i }}{{ d.b is eq 1 }}{{ i is in numbers }}{{ 'b' is in d }}{{ x.y is defined }}{{ undef is defined and undef.x }}
{{ 1 is eq }}
{{ 1 is defined(2) }}
{{ i is divisibleby 0 }}
"""

METHODS = r"""
{{ t.strip() }}|{{ t.lstrip() }}|{{ t.rstrip() }}|{{ 'xyaxy'.strip('yx') }}|{{ 'aé'.rstrip('é') }}|{{ ' a'.strip(none) }}
{{ 'a,b,,c'.split(',') }}{{ ' a  b '.split() }}{{ ' a  b '.split(' ') }}{{ 'a b c'.split(' ', 1) }}{{ 'a b c'.split(none, 1) }}{{ 'a b c '.rsplit(none, 1) }}{{ 'a,b,c'.rsplit(',', 1) }}{{ ''.split() }}{{ ''.split(',') }}{{ 'a b'.split(maxsplit=0) }}{{ 'abc'.split('abc') }}{{ 'a<t>b</t>c'.split('</t>')[-1] }}
{{ 'a'.split('') }}
{{ 'a'.split(1) }}
{{ 'a\nb\r\nc\x0bd\u2028e\n'.splitlines() }}{{ 'a\nb\n'.splitlines(true) }}{{ ''.splitlines() }}{{ '\n'.splitlines() }}
{{ s.startswith('He') }}{{ s.startswith(('x', 'H')) }}{{ s.endswith('d') }}{{ s.startswith('e', 1) }}{{ s.endswith('l', 0, -1) }}{{ s.startswith('') }}{{ s.startswith('', 99) }}{{ 'é'.startswith('é') }}
{{ s.startswith(1) }}
{{ s.startswith(['H']) }}
{{ 'aaa'.replace('a', 'b') }}{{ 'aaa'.replace('a', 'b', 2) }}{{ 'aaa'.replace('a', 'b', -1) }}{{ 'ab'.replace('', '-') }}{{ 'ab'.replace('', '-', 2) }}
{{ 'a'.replace('a', 1) }}
{{ 'ß ŉ ǆ'.upper() }}{{ 'ÀΣ'.lower() }}{{ "they're bill's ǆ ßa 1st".title() }}{{ 'hELLO'.capitalize() }}{{ 'aBß'.swapcase() }}{{ 'ß'.casefold() }}
{{ ', '.join(['a', 'b']) }}{{ '-'.join('abc') }}{{ ''.join([]) }}{{ ','.join(d) }}{{ ','.join(undef) }}
{{ ','.join([1]) }}
{{ ','.join(1) }}
{{ 'abcabc'.find('c') }}{{ 'abcabc'.rfind('c') }}{{ 'abc'.find('z') }}{{ 'éab'.find('b') }}{{ 'abcabc'.find('c', 3) }}{{ 'abcabc'.find('c', 0, 2) }}{{ 'abc'.find('') }}{{ 'abc'.find('', 9) }}{{ 'abc'.index('b') }}{{ 'abab'.rindex('b') }}{{ 'ababab'.count('ab') }}{{ 'abc'.count('') }}{{ 'aaa'.count('a', 1, -1) }}
{{ 'abc'.index('z') }}
{{ '12'.isdigit() }}{{ '²'.isdigit() }}{{ '²'.isdecimal() }}{{ '½'.isnumeric() }}{{ ''.isdigit() }}{{ 'ab'.isalpha() }}{{ 'é'.isalpha() }}{{ 'a1'.isalnum() }}{{ ' \t'.isspace() }}{{ 'AB'.isupper() }}{{ 'ab1'.islower() }}{{ '1'.islower() }}{{ 'Ab Cd'.istitle() }}{{ 'a_1'.isidentifier() }}{{ '\n'.isprintable() }}{{ ''.isprintable() }}{{ 'é'.isascii() }}
{{ '7'.zfill(3) }}{{ '-7'.zfill(4) }}{{ '+'.zfill(3) }}{{ 'abc'.zfill(2) }}{{ 'a'.ljust(3) }}|{{ 'a'.rjust(3, '.') }}|{{ 'ab'.center(5, '*') }}|{{ 'ab'.center(6, '*') }}|{{ 'a'.ljust(3, 'é') }}
{{ 'a'.ljust(3, 'xy') }}
{{ 'a=b=c'.partition('=') }}{{ 'a=b=c'.rpartition('=') }}{{ 'a'.partition('=') }}{{ 'a'.rpartition('=') }}{{ 'prefix-a'.removeprefix('prefix-') }}{{ 'a.txt'.removesuffix('.txt') }}{{ 'a'.removesuffix('') }}{{ 'a\tb\tcc\td'.expandtabs(4) }}|
{{ 'a'.partition('') }}
{{ '{} {}'.format(1, 'a') }}{{ '{1}{0}{1}'.format('a', 'b') }}{{ '{a}{b[k]}{c.real}'.format(a=1, b={'k': 2}, c=3) }}{{ '{{}}'.format() }}{{ '{!r}{!s}'.format('a', 'b') }}{{ '{0[0]}'.format([7]) }}
{{ '{:>5}|{:<5}|{:^5}|{:*^7}|{:5}|{:5}|'.format('a', 'b', 'c', 'd', 'e', 6) }}
{{ '{:d} {:5d} {:05d} {:+d} {: d} {:,} {:_} {:x} {:X} {:#x} {:o} {:b} {:c} {:e} {:.2f} {:%}'.format(1, 2, 3, 4, 5, 1234567, 1234567, 255, 255, 255, 8, 5, 97, 3, 2, 1) }}
{{ '{:.2f} {:8.3f} {:<8.1f}| {:e} {:g} {:G} {:.3g} {:,.2f} {:+.1f} {:%} {:.1%} {:n} {:010.2f} {:.0f}'.format(3.14159, 2.5, 1.25, 12345.678, 1e-7, 1e20, 1234.5, 1234567.891, 2.0, 0.25, 0.125, 1.5, -3.14159, 2.5) }}
{{ '{:.3} {:.3} {:10} {:.1} {}'.format(1234.5, 'abcdef', 2.5, 12.0, 1e16) }}{{ '{:s} {} {!r}'.format('a', none, none) }}{{ '{:{}}|{:{w}.{p}f}'.format('a', 5, 3.14159, w=8, p=2) }}
{{ '{:,}|{:012,}|{:#b}|{:=+6d}|{:*>6}|{:<06}|{:e}'.format(-1234567, 1234567, 5, 42, -3, 7, 0.0) }}
{{ '{:d}'.format('a') }}
{{ '{:x}'.format(1.5) }}
{{ '{:s}'.format(1) }}
{{ '{:.2d}'.format(1) }}
{{ '{:5}'.format([1]) }}
{{ '{:5}'.format(none) }}
{{ '{'.format() }}
{{ '}'.format() }}
{{ '{}'.format() }}
{{ '{a}'.format() }}
{{ '{0}{}'.format(1, 2) }}
{{ '{!z}'.format(1) }}
{{ '{0.append}'.format([1]) }}|{{ '{0.__class__}'.format(s) }}|{{ '{a}'.format_map({'a': 5}) }}
{{ '%s %r %d %i %5d|%-5d|%05d|%+d|% d' % ('a', 'b', 1, 2.9, 3, 4, 5, 6, 7) }}{{ '%x %X %#x %o %#o %c %c %%' % (255, 255, 255, 8, 8, 65, 'é') }}
{{ '%f %.2f %8.3f %e %.1e %g %G %10s|%-10s|%.2s' % (1.5, 2.675, 3.14159, 12345.6, 0.00012, 1e-10, 1e20, 'a', 'b', 'cdef') }}{{ '%(a)s %(b)05.1f' % {'a': 1, 'b': 2.25} }}{{ '%*d|%.*f' % (5, 42, 1, 2.55) }}
{{ '%s' % 'a' }}{{ '%s' % [1, 2] }}{{ '%s' % d.a }}{{ '%s' % undef }}{{ 'a' % [] }}{{ 'a' % {} }}{{ '%d' % true }}{{ '%s' % none }}{{ '%a' % 'é' }}{{ '%.0f' % 0.5 }}{{ '%.3d' % 5 }}
{{ '%s %s' % 'a' }}
{{ '%s' % (1, 2) }}
{{ 'a' % 1 }}
{{ '%d' % 'a' }}
{{ '%x' % 1.5 }}
{{ '%d' % undef }}
{{ '%z' % 1 }}
{{ '%' % 1 }}
{{ '%(a)s' % 1 }}
{{ '%(z)s' % {} }}
{{ d.get('b') }}{{ d.get('zz') }}{{ d.get('zz', 1) }}{{ d.keys()|list }}{{ d.values()|list }}{{ d.items()|list }}{{ d.keys() }}{{ {'a': 1}.items() }}{{ {'a': 1}.values() }}{{ d.copy() == d }}{{ 'a' in d.keys() }}{{ 1 in d.values() }}{{ ('b', 1) in d.items() }}{{ d.keys()|length }}{{ d.items()|first }}{{ d.keys()|sort }}
{{ d.get([1]) }}
{{ d.get() }}
{{ d.get(key='b') }}
{{ d.keys()[0] }}|{{ (d.keys()|list)[0] }}{{ {'a': 1}.keys() == {'a': 2}.keys() }}
{{ numbers.index(2) }}{{ numbers.count(3) }}{{ (1, 2).index(2) }}{{ numbers.copy() }}{{ (1, 1.0, true).count(1) }}
{{ numbers.index(99) }}
{{ numbers.sort() }}
{{ numbers.reverse() }}
{{ numbers.pop() }}
{{ d.setdefault('a', 1) }}
{{ (5).bit_length() }}{{ (255).bit_count() }}{{ (1.5).is_integer() }}{{ (2.0).is_integer() }}{{ (0.75).as_integer_ratio() }}{{ (3).numerator }}{{ true.real }}{{ (1.5).imag }}{{ i.denominator }}
{{ s.upper(1) }}
{{ s.split(sep='l', maxsplit=1) }}{{ s.split(foo=1) }}
{{ s.strip(chars='H') }}
{{ messages[1].content.upper() }}{{ messages[1].content[::-1] }}{{ messages[1].content.split()[-1] }}{{ messages[1].content|list|last }}{{ messages[1].content.find('你') }}
{{ messages|map(attribute='content')|select('string')|map('trim')|join('\n')|length }}
{{ ''.join(messages|map(attribute='role')|map('first')) }}{{ messages|map(attribute='role')|unique|join(' ') }}
"""


def split(block):
    """One case per line; a line that opens a tag it does not close goes on in the next."""
    cases, current = [], []
    for line in block.strip("\n").split("\n"):
        current.append(line)
        if not line.rstrip().endswith(("-%}", "+%}")) or len(current) == 4:
            cases.append("\n".join(current))
            current = []
    return cases + (["\n".join(current)] if current else [])


CASES = [
    case
    for block in (LEXER, OPERATORS, STATEMENTS, FILTERS, TESTS, METHODS)
    for case in split(block)
] + [
    "a\n",
    "a\n\n",
    "a\r\nb\rc\n",
    "\n",
    "",
    "  {% if true %}\n  a\n  {% endif %}\n  b\n",
    "{% for a in [1, 2] %}\n  {{ a }}\n{% endfor %}\nend",
    "{% for a in [1, 2] -%}\n  {{ a }}\n{%- endfor %}\nend",
    "{% if true %}\r\nx\r\n{% endif %}\r\n",
    "x\n\n   {# c #}\n\n  y {# d #}\n z",
    "\t {%+ if true %} a {% endif +%}\n b",
    "{{ 1 }}\n{{ 2 }}\n",
    "{{- 1 }}\n  {{- 2 -}}  \n 3",
    "\u2003{% if true %}a{% endif %}\u00a0",
    "{% raw %}\n  {{ a }}\n  {% endraw %}\n  b",
    "a {%- raw %} {{ x }} {% endraw -%} b",
    "{% set x = 1\n%}\n{{ x\n}}\n{{\n  y.z.w\n}}",
    "line 1\n{{ undef.x }}",
    "{#\n multi\n line\n#}\nafter",
    "{% set v = 'a\nb' %}{{ v }}|{{ 'a\\\nb' }}",
    "{%- for m in messages -%}\n  {{- m.role }}: {{ m.content }}\n{% endfor -%}\n",
]
