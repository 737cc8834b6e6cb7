"""What a file may say but hardly means."""

import pytest

from planner.protocols.reader import check
from tests.protocols.small import HEAD, V1, rule, table, visit


@pytest.fixture
def doubts(tmp_path):
    """The doubts about HEAD with these tables, as lines."""

    def told(*tables):
        path = tmp_path / "doubtful.toml"
        path.write_text(HEAD + "".join(tables), encoding="utf-8")
        return [str(doubt) for doubt in check(path)[1]]

    return told


def test_an_ordinary_file_leaves_no_doubt(doubts):
    assert doubts(V1, visit("A", 'anchor = "V1", offset = "1 month", before = 3, after = 3')) == []


def test_what_is_defined_and_never_used(doubts):
    assert doubts(
        V1,
        table("date", code='"d"', name='"D"'),
        table("epoch", code='"e"', name='"E"'),
        table("decision", code='"go"', name='"Go"', values='["a", "b"]', default='"a"'),
        table("repeat", code='"r"', numbers="1"),
    ) == [
        "line 24, date 'd': nothing uses the date 'd'. Take it out, or use it.",
        "line 28, epoch 'e': nothing uses the epoch 'e'. Take it out, or use it.",
        "line 32, decision 'go': nothing uses the decision 'go'. Take it out, or use it.",
        "line 38, repeat 'r': nothing uses the repeat 'r'. Take it out, or use it.",
    ]


def test_a_date_on_which_a_visit_stands_is_used(doubts):
    stands = table("date", code='"d"', name='"D"', visit='"A"')

    assert doubts(V1, stands, visit("A", 'anchor = "d", offset = 0')) == []


def test_months_counted_from_months_drift(doubts):
    assert doubts(
        visit("A", 'offset = "1 month"'),
        visit("B", 'anchor = "A", offset = "1 month"'),
        visit("C", 'anchor = "A", offset = "1 week"'),
    ) == [
        (
            "line 28, encounter 'B', timing: months are counted from A, which is itself counted in months, so the "
            "day of the month drifts. Count both from the same origin, such as a named date."
        )
    ]


@pytest.mark.parametrize(
    ("elapsed", "offset", "days"),
    [
        ("46 h", 1, None),
        ("46 h", 2, None),
        ("46 h", 3, "46 h after V1 is day 1 or 2 after it, not day 3"),
        ("24 h", 1, None),
        ("24 h", 2, "24 h after V1 is day 1 after it, not day 2"),
        ("30 min", 0, None),
        ("30 min", 2, "0.5 h after V1 is day 0 or 1 after it, not day 2"),
    ],
)
def test_a_clock_that_cannot_meet_its_day(doubts, elapsed, offset, days):
    found = doubts(
        V1, visit("A", f'anchor = "V1", offset = {offset}', clock=f'{{ anchor = "V1", elapsed = "{elapsed}" }}')
    )

    told = f"line 29, encounter 'A', clock: {days}. Mend the offset of timing, or the elapsed time."
    assert found == ([told] if days else [])


def test_a_clock_on_another_anchor_is_not_compared(doubts):
    assert doubts(V1, visit("A", 'offset = "1 month"', clock='{ anchor = "V1", elapsed = "46 h" }')) == []


def test_a_neutral_name_that_tells_of_the_trial(doubts):
    neutral = '{ en = "Visit for Trial T", nl = "Ziekenhuis" }'

    assert doubts(visit("A", "day = 1", neutral=neutral)) == [
        (
            "line 23, encounter 'A', neutral: the neutral name 'Visit for Trial T' holds a word of the trial, so "
            "it will not be printed. Write words that tell a stranger nothing, or leave neutral out."
        )
    ]


def test_a_calendar_that_looks_like_a_slip_of_the_pen(doubts):
    rooms = [
        visit(code, "day = 1", calendar=f'"{room}"')
        for code, room in zip("ABC", ["clinic", "clinc", "clinic"], strict=True)
    ]

    assert doubts(*rooms) == [
        (
            "line 30, encounter 'B', calendar: the calendar 'clinc' is a rare one and looks like 'clinic'. Mend "
            "it if they are the same."
        )
    ]


def test_windows_that_nobody_can_keep(doubts):
    assert doubts(
        V1,
        visit("A", 'anchor = "V1", offset = 7, before = 1, after = 1'),
        visit("B", 'anchor = "V1", offset = 28, before = 2, after = 2'),
        rule("far", from_='"A"', to='"B"', at_least='"4 weeks"'),
    ) == [
        (
            "line 24, encounter 'A', window: although every day is open, these can never all be kept: A comes 6 "
            "to 8 days after V1 (its window, line 24); B comes 26 to 30 days after V1 (its window, line 30); B "
            "comes at least 4 weeks after A (rule 'far', line 36). Widen one of them, or expect a deviation of "
            "every patient."
        )
    ]


def test_windows_that_only_some_days_break_are_left_alone(doubts):
    # 26 to 30 days after V1, and at least 20 days after A, which is 6 to 8 days after it.
    assert doubts(
        V1,
        visit("A", 'anchor = "V1", offset = 7, before = 1, after = 1'),
        visit("B", 'anchor = "V1", offset = 28, before = 2, after = 2'),
        rule("far", from_='"A"', to='"B"', at_least="20"),
    ) == []  # fmt: skip
