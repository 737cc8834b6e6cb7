"""Everything that is wrong with a file is said at once: the place, what, and how to mend it."""

import os
import re
from contextlib import contextmanager
from pathlib import Path

import pytest

from planner.protocols.faults import Fault, ProtocolRefused, nearest, shown
from planner.protocols.reader import check, parse, read
from tests.protocols.small import HEAD, V1, faults, table, visit

CASES = re.split(r"^=== ", (Path(__file__).parent / "faults.txt").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]

EMPTY = "file: the file is empty. Start from the example in docs/protocol-format.md."
NO_TEXT = "file: the file is no text, or not saved as UTF-8. Save the protocol as text, in the encoding UTF-8."
TOO_DEEP = (
    "file: lists or tables are nested far too deep, or a number is far too long. "
    "Write it as in docs/protocol-format.md."
)


def _cases():
    for case in CASES:
        claim, text = case.split("\n\n", 1)
        file, *said = re.split(r"^> ", text, flags=re.MULTILINE)
        last = said.pop().split("\n", 1)[0] if said else None
        expected = [line.strip() for line in said] + ([last] if last is not None else [])
        whole = f"{file.strip()}\n".replace("%HEAD\n", HEAD).replace("\n%V1\n", V1)
        yield pytest.param(whole, expected, id=claim.strip())


@pytest.mark.parametrize(("file", "said"), list(_cases()))
def test_a_fault_is_said(file, said):
    assert faults(head=file) == said


def test_the_small_file_of_these_tests_has_no_fault():
    assert faults(V1) == []


# Texts and numbers that a page cannot show


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("label", f'"{"x" * 2001}"', "label: this is longer than 2000 characters. Shorten it."),
        (
            "place",
            '"a\\u200bb"',
            "place: this holds a character that cannot be seen. Delete it and type the words anew.",
        ),
        ("neutral", '" "', "neutral: the text is empty. Write the words, or leave the key out."),
        (
            "resource",
            f'"{"x" * 41}"',
            f"resource: '{'x' * 41}' is no code. Use letters, digits and . _ + - without spaces,",
        ),
        ("resource", f'"{"x" * 2001}"', "resource: this is longer than 2000 characters. Shorten it."),
        (
            "duration",
            f'"{"x" * 99}"',
            f"duration: '{'x' * 60}...' is no number of hours or minutes. Write it as '46 h',",
        ),
        ("staff", str(["x"] * 101), "staff: this list has 101 entries. Write 100 at most."),
        ("staff", "0x" + "f" * 9000, "staff: a huge number is no text. Write it in quotes."),
        ("staff", "[[]]", "staff: a list is no text. Write it in quotes."),
        ("staff", "{ }", "staff: a table is no text. Write it in quotes."),
        ("when", str(["x=y"] * 9), "when: these are 9 conditions. Write 1 to 8, or leave the key out."),
        ("when", "[]", "when: these are 0 conditions. Write 1 to 8, or leave the key out."),
        (
            "when",
            '"=x"',
            "when: '=x' is no condition. Write it as 'resectable=yes', or 'stage=II|III' for any of several.",
        ),
    ],
)
def test_a_value_that_cannot_be_read_is_shown_in_a_line(key, value, said):
    found = faults(visit("A", "day = 1", **{key: value}))

    assert len(found) == 1
    assert found[0].startswith(f"line 23, encounter 'A', {said}")


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{n*9999*9999}", "'{n*9999*9999}' is larger than 9999 for n = 1. Write a smaller sum."),
        ("{" + "n+" * 30 + "n}", f"'{{{'n+' * 29}n...' cannot be counted. Write n and whole numbers with + - *,"),
        ("{n-}", "'{n-}' cannot be counted. Write n and whole numbers with + - *,"),
        ("{}", "'{}' cannot be counted. Write n and whole numbers with + - *,"),
    ],
)
def test_a_sum_that_cannot_be_counted_is_told(template, said):
    repeat = table("repeat", code='"r"', numbers="1")

    found = faults(repeat, visit("A{n}", "day = 1", repeat='"r"', label=f'"{template}"'))

    assert len(found) == 1
    assert found[0].startswith(f"line 28, encounter 'A{{n}}', label: {said}")


def test_more_than_a_hundred_faults_are_counted():
    found = faults(V1, "\n".join(f"key{k} = 1" for k in range(150)))

    assert len(found) == 101
    assert found[0] == "file: 50 more faults are not shown. Mend these first."


def test_more_tables_than_the_planner_counts_are_refused():
    assert (
        faults(V1, table("date", code='"d"', name='"D"') * 51)[0]
        == "line 10, date: there are 52 of them. Write 50 at most."
    )
    assert faults(
        table("repeat", code='"r"', numbers='"1..200"'), *[visit(f"{k}V{{n}}", "day = 1", repeat='"r"') for k in "abc"]
    ) == ["line 22, encounter 'aV{n}': with this one there are more than 400 such tables. Write or repeat fewer."]


def test_a_table_with_more_values_than_a_visit_has_is_refused():
    words = ", ".join(f'"{k}"' for k in range(90))

    assert faults(visit("A", "day = 1", staff=f"[{words}]", activities=f"[{', '.join([f'[{words}]'] * 6)}]")) == [
        "line 18, encounter 'A': this table has more than 500 values. Split it into several visits."
    ]


def test_rules_that_bind_too_many_pairs_together_are_refused():
    repeat = table("repeat", code='"r"', numbers='"1..80"')
    series = visit("A{n}", "day = 1", repeat='"r"')
    rules = [f'\n[[rule]]\nid = "{k}"\nstrength = "flag"\nbetween = "A1..A80"\nat_least = 0\n' for k in "ab"]

    assert faults(repeat, series, *rules) == [
        "line 35, rule 'b': with this rule more than 4000 pairs of visits are bound. Write fewer rules."
    ]


# Files that are no text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", EMPTY),
        (b" \r\n\t", EMPTY),
        (b"\xef\xbb\xbf", EMPTY),
        (b"\x89PNG\0", NO_TEXT),
        ("format".encode("utf-16"), NO_TEXT),
        ("a\nGröße".encode("latin-1"), "line 2, file: a letter here is not saved as UTF-8. Save the file as UTF-8."),
        (b"#" * 262_145, "file: the file is larger than 256 kB. Write what repeats once, with [[repeat]]."),
        (b"\n" + b"a." * 20 + b"a = 1", "line 2, file: a name has far too many parts. Write it without the points."),
        (b"a = " + b"[" * 5000, TOO_DEEP),
        (b"a = " + b"[" * 20 + b"]" * 20, TOO_DEEP),
        (b"a = " + b"1" * 5000, TOO_DEEP),
    ],
    ids=["empty", "white", "mark", "picture", "utf-16", "latin-1", "large", "parts", "open", "deep", "long"],
)  # fmt: skip
def test_a_file_that_is_no_protocol_at_all_is_refused(content, said):
    with pytest.raises(ProtocolRefused) as refused:
        parse(content, "my.toml")

    assert [str(fault) for fault in refused.value.faults] == [said]
    assert refused.value.file == "my.toml"


def test_a_byte_order_mark_and_windows_line_ends_are_no_fault():
    text = HEAD + visit("A", 'offset = "1 h"')
    expected = faults(head=text)

    with pytest.raises(ProtocolRefused) as refused:
        parse(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode(), "my.toml")

    assert [str(fault) for fault in refused.value.faults] == expected
    assert expected[0].startswith("line 22, encounter 'A', timing, offset: '1 h' counts in hours")


@contextmanager
def _as_nobody():
    """Whoever runs the tests, root too, has no right to a file of mode 0 in here."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    yield
    os.seteuid(before)


def _said_of(path):
    with pytest.raises(ProtocolRefused) as refused:
        read(path)
    return refused.value.file, [str(fault) for fault in refused.value.faults]


def test_a_path_that_leads_to_no_protocol_file_is_refused(tmp_path):
    closed, pipe = tmp_path / "closed.toml", tmp_path / "pipe"
    closed.write_text(HEAD)
    closed.chmod(0)
    os.mkfifo(pipe)

    folder = _said_of(tmp_path)
    missing = _said_of(tmp_path / "missing.toml")
    other = _said_of(pipe)
    strange = _said_of(Path("a\0b"))
    with _as_nobody():
        forbidden = _said_of(closed)

    assert folder == (str(tmp_path), ["file: this is a folder. Give the path of a protocol file."])
    assert missing[1] == ["file: there is no such file. Check the path, and the folder in which you are."]
    assert other[1] == ["file: this is no ordinary file. Give the path of a protocol file."]
    assert strange[1] == [
        "file: the file cannot be read (embedded null byte). Ask for the right to read it, or copy it."
    ]
    assert forbidden[1] == [
        "file: the file cannot be read (Permission denied). Ask for the right to read it, or copy it."
    ]


def test_check_refuses_as_read_does(tmp_path):
    path = tmp_path / "wrong.toml"
    path.write_text(HEAD + visit("A", "day = 0"))

    with pytest.raises(ProtocolRefused) as refused:
        check(path)

    assert (str(path), [str(fault) for fault in refused.value.faults]) == _said_of(path)


# Words


@pytest.mark.parametrize(
    ("word", "known", "hint"),
    [
        ("C7D1", ["C1D1", "C6D1", "RES"], "Did you mean 'C6D1'?"),
        ("res", ["RES", "REG"], "Did you mean 'RES'?"),
        ("V2", ["V1", "A"], "Did you mean 'V1'?"),
        ("zzz", ["b", "a"], "Use one of: a, b"),
        ("zzz", "abcdefghijklmn", "Use one of: a, b, c, d, e, f, g, h, i, j, k, l ..."),
        ("zzz", [], "Define it first"),
    ],
)
def test_the_nearest_known_word_is_offered(word, known, hint):
    assert nearest(word, known) == hint


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("a", "'a'"),
        ("x" * 99, f"'{'x' * 60}...'"),
        (True, "true"),
        (12, "12"),
        (10**99, "a huge number"),
        (-(10**99), "a huge number"),
        (1.5, "1.5"),
        ([], "a list"),
        ({}, "a table"),
    ],
)
def test_a_value_is_shown_as_the_file_has_it(value, words):
    assert shown(value) == words


def test_a_fault_is_one_line():
    assert str(Fault("file", "this is wrong", "Mend it")) == "file: this is wrong. Mend it."
    assert (
        str(Fault("date 'd'", "what is this", "Did you mean 'e'?", 3))
        == "line 3, date 'd': what is this. Did you mean 'e'?"
    )
