"""Where the tables and keys of a file stand."""

import pytest

from planner.protocols.lines import Lines

TEXT = '''\
format = 1 # [[encounter]]

[protocol]
id = "X"   # name = "Y"
"name" = """
[[encounter]]
code = "no"
"""
key_visit.code = "V"

[[encounter]]
code = 'V = [1'
activities = [
    "a", # ]
    { name = "b" },
]
timing = { day = 1 }

[encounter.place]
en = "here"

[[encounter]]

[[encounter.exception]]
numbers = 1

[[encounter.exception]]
timing.day = 3
'''


@pytest.fixture
def lines():
    found = Lines()
    found.text = TEXT
    return found


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("format",), 1),
        (("protocol",), 3),
        (("protocol", "id"), 4),
        (("protocol", "name"), 5),
        (("protocol", "key_visit"), 9),
        (("protocol", "key_visit", "code"), 9),
        (("protocol", "version"), 3),
        (("encounter",), 11),
        (("encounter", 0), 11),
        (("encounter", 0, "code"), 12),
        (("encounter", 0, "activities", 1, "name"), 13),
        (("encounter", 0, "timing", "offset"), 17),
        (("encounter", 0, "place"), 19),
        (("encounter", 0, "place", "en"), 20),
        (("encounter", 1), 22),
        (("encounter", 1, "exception", 0, "numbers"), 25),
        (("encounter", 1, "exception", 1), 27),
        (("encounter", 1, "exception", 1, "timing", "day"), 28),
        (("encounter", 2), 11),
        (("rule", 0), None),
        ((), None),
    ],
)
def test_a_place_has_a_line(lines, path, line):
    assert lines.of(path) == line


def test_an_empty_text_has_no_lines():
    assert Lines().of(("format",)) is None


def test_a_text_may_end_without_a_line_end():
    found = Lines()
    found.text = "a = 1\nb = 2"

    assert found.of(("b",)) == 2
