"""Files made to break a reader: nested, long, many, and rules that would push one another for ever."""

from __future__ import annotations

HEAD = """format = 1
[protocol]
id = "X"
name = "X"
version = "1"
numbering = "day 1"
reference = "d"
[[date]]
code = "d"
name = "Day 1"
[[epoch]]
code = "e"
name = "E"
"""
MANY = 250_000
REPEATED = 'repeat = "b"'
AN_HOUR_WIDE = "{ day = 1, before = 3000, after = 3000 }"


def visit(code, timing="{ day = 1 }", more=""):
    return f'[[encounter]]\ncode = "{code}"\nepoch = "e"\nname = "N"\ntiming = {timing}\n{more}\n'


def after(code, days=1):
    return f'{{ anchor = "{code}", offset = {days} }}'


def rule(number, body):
    return f'[[rule]]\nid = "r{number}"\nstrength = "hard"\n{body}\n'


def repeat(times):
    return f'[[repeat]]\ncode = "b"\nnumbers = "1..{times}"\n'


def each(template, numbers):
    return "".join(template(number) for number in numbers)


HOSTILE = {
    "open brackets": "a=" + "[" * MANY,
    "closed brackets": "a=" + "[" * (MANY // 2) + "]" * (MANY // 2),
    "open braces": "a=" + "{a=" * (MANY // 3),
    "a key of 125,000 parts": "a." * (MANY // 2) + "a=1",
    "a key of 62,500 quoted parts": '"a".' * (MANY // 4) + "a=1",
    "keys of 19 parts": each(lambda k: "a." * 18 + f"b{k}=1\n", range(5_000)),
    "a heading of 200 parts": "[" + "a." * 200 + "b]",
    "28,000 keys": HEAD + each(lambda k: f"k{k}=1\n", range(26_000)),
    "30,000 tables": each(lambda k: f"[k{k}]\n", range(28_000)),
    "18,000 empty visits": HEAD + "[[encounter]]\n" * 17_000,
    "25,000 empty rules": HEAD + "[[rule]]\n" * 24_000,
    "20,000 headings of one table": "[protocol]\n" * 22_000,
    "15,000 tables that are no TOML": "[[encounter]]\nx\n" * 15_000,
    "text without an end": 'a="""' + "x\n" * (MANY // 2),
    "quotation marks": '"' * MANY,
    "escapes": 'a="' + "\\u00e9" * (MANY // 6) + '"',
    "a hexadecimal number": HEAD + "x=0x" + "f" * MANY,
    "hexadecimal numbers in place of tables": each(
        lambda key: f"{key} = 0x{'f' * 9000}\n", ["format", "protocol", "date", "encounter", "rule"]
    ),
    "a decimal number": "a=" + "1" * MANY,
    "an exponent": "a=1e" + "9" * MANY,
    "zero bytes": "\0" * MANY,
    "new lines": "\n" * MANY,
    "carriage returns": "\r" * MANY,
    "a comment of dots": "#" + ". " * (MANY // 2),
    "spaces in a code": HEAD + visit("A" + " " * 200_000 + "B"),
    "spaces in an anchor": HEAD + visit("A", after("A" + " " * 1_900 + "B!")),
    "330 codes in 100 anchors": HEAD
    + each(lambda k: visit(f"A{k}", after("last of " + ", ".join(f"B{n}" for n in range(330)))), range(100)),
    "400 codes that are nearly known": HEAD + each(lambda k: visit(f"VISIT{k}D1", after(f"VIZIT{k}D1")), range(400)),
    "a chain of 399 visits": HEAD + visit("A0") + each(lambda k: visit(f"A{k}", after(f"A{k - 1}")), range(1, 399)),
    "a chain written backwards": HEAD
    + each(lambda k: visit(f"A{k}", after(f"A{k - 1}")), range(398, 0, -1))
    + visit("A0"),
    "a circle of 399 visits": HEAD + each(lambda k: visit(f"A{k}", after(f"A{(k - 1) % 399}")), range(399)),
    "199 circles": HEAD + each(lambda k: visit(f"A{k}", after(f"A{k ^ 1}")), range(398)),
    "a chain of likes": HEAD + visit("A0") + each(lambda k: visit(f"A{k}", more=f'like = "A{k - 1}"'), range(1, 390)),
    "4,500 rules": HEAD + visit("A") + visit("B") + each(lambda k: rule(k, 'order = "A < B"'), range(4_200)),
    "rules in a circle of 399": HEAD
    + each(lambda k: visit(f"A{k}", "{ day = 1, before = 300, after = 300 }"), range(399))
    + each(lambda k: rule(k, f'order = "A{k} <= A{k + 1}"'), range(398))
    + rule(999, 'order = "A398 < A0"'),
    "rules in a circle through months": HEAD
    + each(lambda k: visit(f"A{k}", "{ day = 1, before = 300, after = 300 }"), range(300))
    + each(lambda k: rule(k, f'from = "A{k}"\nto = "A{k + 1}"\nat_least = 0'), range(298))
    + rule(998, 'from = "A298"\nto = "A299"\nat_least = "1 month"')
    + rule(999, 'from = "A299"\nto = "A0"\nat_least = -27'),
    "3,916 pairs that clash": HEAD
    + repeat(89)
    + visit("A{n}", AN_HOUR_WIDE, REPEATED)
    + rule(1, 'between = "A1..A89"\nat_least = 3\nat_most = 4'),
    "3,916 pairs that do not": HEAD
    + repeat(89)
    + visit("A{n}", AN_HOUR_WIDE, REPEATED)
    + rule(1, 'between = "A1..A89"\nat_least = 3'),
    "3,600 pairs both ways over 16 years": HEAD
    + repeat(60)
    + visit("A{n}", AN_HOUR_WIDE, REPEATED)
    + visit("B{n}", AN_HOUR_WIDE, REPEATED)
    + rule(1, 'from = "each of A1..A60"\nto = "each of B1..B60"\nat_least = -3\nat_most = 4'),
    "100 binding windows in months": HEAD
    + repeat(100)
    + visit("A{n}", '{ offset = "{n} months", before = "1 month", after = "2 weeks", strength = "hard" }', REPEATED),
    "100 binding windows in working days": HEAD
    + repeat(100)
    + visit(
        "A{n}", '{ offset = "{n} working days", before = 9, after = "20 working days", strength = "hard" }', REPEATED
    )
    + visit("Z", "{ offset = 5000 }"),
    "300 decisions": HEAD
    + each(lambda k: f'[[decision]]\ncode = "d{k}"\nname = "D"\nvalues = ["a", "b"]\ndefault = "a"\n', range(300)),
    "50 decisions, 8 of them on each of 200 visits": HEAD
    + each(lambda k: f'[[decision]]\ncode = "d{k}"\nname = "D"\nvalues = ["a", "b", "c"]\ndefault = "a"\n', range(50))
    + repeat(200)
    + visit("A{n}", AN_HOUR_WIDE, REPEATED + "\nwhen = " + str([f"d{k}=a|b" for k in range(42, 50)]))
    + rule(1, 'between = "A1..A80"\nat_least = 3'),
    "30,000 numbers": HEAD + f'[[repeat]]\ncode = "b"\nnumbers = "{", ".join(map(str, range(30_000)))}"\n',
    "300 holes in a code": HEAD + repeat(200) + visit("{n}" * 300, more=REPEATED),
    "adjacent holes that match nothing": HEAD
    + f'[[encounter]]\ncode = "{"{n}" * 19}"\nrepeat = "z"\n'
    + each(lambda k: visit(f"A{k}", after("1" * 39 + "a")), range(300)),
    "38,000 holes 200 times": HEAD
    + repeat(200)
    + visit("A{n}", more=REPEATED + "\nactivities = " + str(["{n} x" * 400] * 90).replace("'", '"')),
    "95 long words 200 times": HEAD
    + repeat(200)
    + visit("A{n}", more=REPEATED + "\nactivities = " + str(["éx" * 400] * 95).replace("'", '"')),
    "60,000 activities": HEAD + visit("A", more="activities = [" + '"a",' * 60_000 + "]"),
    "stays of 27 years": HEAD
    + visit("A0")
    + each(lambda k: visit(f"A{k}", after(f"end of A{k - 1}"), "stay = { least = 0, most = 9999 }"), range(1, 390)),
    "offsets of 20 years in a chain": HEAD
    + visit("A0")
    + each(lambda k: visit(f"A{k}", after(f"A{k - 1}", 7300)), range(1, 390)),
}
