"""The timeline: what it shows, where, and what it tells in words."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

import planner.protocols
from planner.core.calendar import Because, Calendar, Closure
from planner.core.facts import Facts
from planner.core.protocol import Tolerance
from planner.core.schedule import plan
from planner.exports.axis import Axis, Band, Label
from planner.exports.timeline import Drawn, timeline, timeline_near, visit_words
from planner.protocols.reader import read

TODAY = date(2025, 4, 9)
HOLIDAYS = (date(2025, 4, 21), date(2025, 5, 1), date(2025, 5, 29), date(2025, 6, 9))
BELGIUM = Calendar(frozenset({5, 6}), tuple(Closure(day, day, Because.HOLIDAY, "holiday") for day in HOLIDAYS))
START = Facts(dates={"registration": date(2025, 2, 24), "day_one": date(2025, 3, 3)})
# The picture of SHRINK begins on Mon 3 Feb 2025, when its first window opens; a day is 5 px wide, the first at 152.
FIRST = date(2025, 2, 3)


def left_of(day):
    return 152 + 5 * (day - FIRST).days


@pytest.fixture(scope="module")
def shrink():
    return read(Path(planner.protocols.__file__).with_name("shrink.toml"))


@pytest.fixture(scope="module")
def treated():
    """Screened as planned; FOLFOX 1 to 3 and NKR-2 1 were given on their target days, two visits are booked."""
    facts = START
    for code, day in (("SC1", 10), ("SC2", 17), ("SC3", 21), ("REG", 24), ("AP", 24)):
        facts = facts.occurred(code, date(2025, 2, day))
    for code, day in (("C1D1", 1), ("C2D1", 15), ("C3D1", 29), ("N1", 32)):
        facts = facts.occurred(code, date(2025, 3, 2) + timedelta(days=day))
    return facts.booked("C4D1", date(2025, 4, 14)).booked("N2", date(2025, 4, 17))


@pytest.fixture(scope="module")
def picture(shrink, treated):
    return timeline(plan(shrink, treated, BELGIUM, TODAY), TODAY)


@pytest.fixture
def drawn():
    """The visits of a picture by their code."""
    return lambda made: {visit.code: visit for lane in made.lanes for visit in lane.visits}


# ---- lanes


def test_repeated_visits_have_a_lane_and_the_others_of_a_phase_share_one(picture):
    assert [(" ".join(lane.label), [visit.code for visit in lane.visits]) for lane in picture.lanes] == [
        ("Screening", ["SC1", "SC2", "SC3", "REG", "AP"]),
        ("Bloods before FOLFOX", ["C1P", "C2P", "C3P", "C4P", "C5P", "C6P"]),
        ("FOLFOX", ["C1D1", "C2D1", "C3D1", "C4D1", "C5D1", "C6D1"]),
        ("Pump off", ["C1D3", "C2D3", "C3D3", "C4D3", "C5D3", "C6D3"]),
        ("NKR-2 infusion", ["N1", "N2", "N3"]),
        ("Next-day check after infusion", ["N1+1", "N2+1", "N3+1"]),
        ("Week check after infusion", ["N1+7", "N2+7", "N3+7"]),
        ("Treatment, other", ["DLT", "IM1", "EOC"]),
        ("Surgery", ["IM2", "MDT", "PRE", "RES", "P14", "P30"]),
    ]


def test_a_long_label_takes_two_lines(picture):
    assert picture.lanes[6].label == ("Week check after", "infusion")


def test_lanes_lie_below_each_other_without_a_gap(picture):
    bottoms = [lane.y + lane.height for lane in picture.lanes]

    assert [picture.top, *bottoms] == [*(lane.y for lane in picture.lanes), picture.height - 12]


def test_a_lane_holds_marks_windows_and_targets(picture):
    assert picture.lanes[4].visits == (
        Drawn(
            code="N1",
            x=left_of(date(2025, 4, 3)) + 2.5,
            y=454,
            shape="occurred",
            deviation=False,
            label_x=461,
            words="NKR-2 infusion 1 (N1): occurred, Thu 3 Apr 2025, Day 32; window 3 Apr to 4 Apr 2025",
            window=Band(left_of(date(2025, 4, 3)), 10),
        ),
        Drawn(
            code="N2",
            x=left_of(date(2025, 4, 17)) + 2.5,
            y=454,
            shape="booked",
            deviation=False,
            label_x=531,
            words="NKR-2 infusion 2 (N2): booked, Thu 17 Apr 2025, Day 46; window 17 Apr to 18 Apr 2025",
            window=Band(left_of(date(2025, 4, 17)), 10),
        ),
        Drawn(
            code="N3",
            x=left_of(date(2025, 5, 2)) + 2.5,
            y=454,
            shape="planned",
            deviation=False,
            label_x=605.5,
            words="NKR-2 infusion 3 (N3): planned, Fri 2 May 2025, Day 61; target Thu 1 May 2025; window 1 May to 2 "
            "May 2025",
            window=Band(left_of(date(2025, 5, 1)), 10),
            target_x=left_of(date(2025, 5, 1)) + 2.5,
        ),
    )


def test_visits_whose_windows_meet_stand_in_rows_of_their_own(picture):
    screening = picture.lanes[0]

    assert [visit.y for visit in screening.visits] == [142, 166, 190, 214, 238]
    assert screening.height == 5 * 24 + 12


def test_a_visit_of_staff_and_the_key_visit_are_told_apart(picture, drawn):
    marks = drawn(picture)

    assert (marks["MDT"].shape, [code for code, visit in marks.items() if visit.key]) == ("staff", ["RES"])


def test_a_late_visit_and_one_without_a_day_are_deviations(picture, drawn):
    marks = drawn(picture)

    assert [code for code, visit in marks.items() if visit.deviation] == [
        *("C1P", "C2P", "C3P"),
        *("C1D3", "C2D3", "C3D3"),
        "N1+1",
    ]
    assert (marks["C1P"].words, marks["C1D3"].words) == (
        "Bloods before FOLFOX 1 (C1P): no day; target Sun 2 Mar 2025; window 28 Feb to 3 Mar 2025",
        (
            "Pump off 1 (C1D3): planned, Wed 9 Apr 2025, Day 38; target Wed 5 Mar 2025; expected 35 days late (window "
            "5 Mar 2025)"
        ),
    )


def test_what_will_not_take_place_is_crossed_out(under_way, drawn):
    marks = drawn(timeline(under_way, date(2025, 3, 25)))

    assert {code for code, visit in marks.items() if visit.shape == "gone"} == {"C2P", "N3", "N3+1"}


def test_a_window_without_an_end_goes_to_the_edge_and_says_so(protocol, facts):
    scan = protocol.by_code["IM1"]
    timing = replace(scan.timing, window=Tolerance(None, None))
    encounters = tuple(replace(e, timing=timing) if e is scan else e for e in protocol.encounters)
    made = timeline(plan(replace(protocol, encounters=encounters), facts, Calendar()), TODAY)

    window = next(visit.window for lane in made.lanes for visit in lane.visits if visit.code == "IM1")

    assert window == Band(made.left, made.right - made.left, "", open_start=True, open_end=True)


# ---- the axis


def test_the_axis_is_whole_weeks_from_the_first_window_to_four_weeks_after_the_key_visits(picture):
    assert (picture.left, picture.right, picture.width) == (152, 152 + 5 * 7 * 26, 1086)
    assert picture.words.startswith("Visits from Mon 3 Feb 2025 to Sun 3 Aug 2025: ")


def test_months_are_named_where_they_begin(picture):
    assert picture.months == (
        Label(152, "Feb 2025"),
        *(Label(left_of(date(2025, n, 1)), name) for n, name in ((3, "Mar"), (4, "Apr"), (5, "May"), (6, "Jun"))),
        Label(left_of(date(2025, 7, 1)), "Jul"),
    )


def test_every_week_has_a_tick_and_every_other_one_its_number(picture):
    assert picture.weeks[:6] == (
        Label(152, "Week -4"),
        Label(187, ""),
        Label(222, "Week -2"),
        Label(257, ""),
        Label(292, "Week 1"),
        Label(327, ""),
    )
    assert len(picture.weeks) == 26


def test_a_phase_lasts_until_the_next_one_begins(picture):
    bloods, scan = left_of(date(2025, 3, 2)), left_of(date(2025, 6, 2))

    assert picture.phases == (
        Band(152, bloods - 152, "Screening"),
        Band(bloods, scan - bloods, "Treatment"),
        Band(scan, 1062 - scan, "Surgery"),
    )


def test_a_phase_too_short_for_its_name_has_none(shrink):
    at_once = replace(START, dates={"registration": date(2025, 3, 3), "day_one": date(2025, 3, 3)})
    only = tuple(e for e in shrink.encounters if e.code not in ("SC1", "SC2", "SC3", "AP", "C1P"))
    made = timeline(plan(replace(shrink, encounters=only), at_once, Calendar()), TODAY)

    assert [phase.text for phase in made.phases] == ["Treatment", "Surgery"]


def test_closed_days_on_end_are_one_mark_for_each_cause(picture):
    assert [band for band in picture.closed if band.text == "holiday"] == [
        Band(left_of(day), 5, "holiday") for day in HOLIDAYS
    ]
    assert picture.closed[0] == Band(left_of(date(2025, 2, 8)), 10, "weekend")


def test_the_window_of_the_key_visit_is_told(picture):
    assert picture.key == Band(left_of(date(2025, 6, 9)), 28 * 5, "Resection window 9 Jun to 6 Jul 2025")


def test_today_is_a_line(picture):
    assert picture.today == Label(left_of(TODAY) + 2.5, "Today Wed 9 Apr 2025")


def test_a_today_beyond_the_picture_has_no_line_but_is_told(shrink, treated):
    day = date(2026, 1, 5)

    made = timeline(plan(shrink, treated, BELGIUM), day)

    assert made.today is None
    assert "Today is Mon 5 Jan 2026." in made.words


def test_the_near_picture_begins_with_the_monday_of_three_days_ago_and_ends_where_the_whole_one_does(
    shrink, treated, picture
):
    """Wednesday 9 April less three days is Sunday the 6th, of the week from Monday 31 March; 126 days at 7 px."""
    near = timeline_near(plan(shrink, treated, BELGIUM, TODAY), TODAY)

    assert near.today == Label(152 + 7 * 9 + 3.5, "Today Wed 9 Apr 2025")
    assert near.right == 152 + 7 * 126
    assert (near.later, near.beyond) == (picture.later, picture.beyond)


def test_a_patient_in_follow_up_is_drawn_from_today_on(shrink, treated):
    day = date(2026, 1, 5)

    near = timeline_near(plan(shrink, treated, BELGIUM), day)

    assert near.today.text == "Today Mon 5 Jan 2026"
    assert "M13" in {visit.code for lane in near.lanes for visit in lane.visits}


@pytest.mark.parametrize("day", [date(2025, 2, 9), date(2027, 8, 1)], ids=["before it begins", "when all is over"])
def test_where_the_whole_picture_begins_with_today_or_nothing_is_left_there_is_no_near_one(shrink, treated, day):
    assert timeline_near(plan(shrink, treated, BELGIUM), day) is None


def test_what_lies_beyond_is_named_visit_by_visit(picture):
    assert [code for code, _ in picture.beyond] == ["P60", "M7", "M10", "M13", "M16", "M19", "M22", "M25", "M28"]
    assert picture.beyond[0][1] == (
        "Post-operative day 60 (P60): planned, Fri 15 Aug 2025, Day 166; window 15 Aug to 22 Aug 2025"
    )


def test_no_week_is_numbered_where_its_words_would_leave_the_picture(shrink, treated):
    """A day of 10 px: a week has room for six letters more than its number."""
    made = timeline_near(plan(shrink, treated, BELGIUM, TODAY), TODAY)

    assert [week.text for week in made.weeks if week.text and week.x + 64 > made.right] == []


def test_a_plan_without_its_key_visit_is_drawn_to_its_end(shrink):
    resected = START.decided("resectable", "no")

    made = timeline(plan(shrink, resected, BELGIUM), TODAY)

    assert (made.key, made.today is None) == (None, False)
    assert made.right == 152 + 3 * (60 * 7 + 7)
    assert made.later == "Later, not drawn: 5 visits, M16 on Wed 24 Jun 2026 to M28 on Thu 24 Jun 2027."


@pytest.mark.parametrize(
    ("without", "words"),
    [(("P60",), "Later, not drawn: M28 on Thu 24 Jun 2027."), (("P60", "M28"), "")],
)
def test_the_last_visit_beyond_the_picture_is_told_by_its_day(protocol, facts, without, words):
    fewer = replace(protocol, encounters=tuple(e for e in protocol.encounters if e.code not in without))

    assert timeline(plan(fewer, facts, Calendar()), TODAY).later == words


def test_a_plan_without_any_day_has_no_picture(shrink):
    assert timeline(plan(shrink, Facts(), Calendar()), TODAY) is None


def test_days_outside_the_axis_make_no_band():
    axis = Axis(FIRST, FIRST + timedelta(days=6), 5)

    assert axis.band(FIRST + timedelta(days=7), None) is None
    assert axis.band(FIRST - timedelta(days=3), FIRST + timedelta(days=1)) == Band(152, 10, open_start=True)


# ---- words


def test_the_picture_is_told_in_words(picture):
    assert picture.words == (
        "Visits from Mon 3 Feb 2025 to Sun 3 Aug 2025: 9 occurred; 3 no day; 25 planned; 2 booked; 2 planned, staff "
        "only. Resection window 9 Jun to 6 Jul 2025. Today is Wed 9 Apr 2025. The table of visits says all of it in "
        "words."
    )


def test_what_lies_beyond_is_told_in_words(picture):
    assert picture.later == "Later, not drawn: 9 visits, P60 on Fri 15 Aug 2025 to M28 on Thu 24 Jun 2027."


def test_a_visit_is_told_with_its_target_window_and_deviation(under_way):
    assert visit_words(under_way, under_way.by_code["C2D1"]) == (
        "FOLFOX 2 (C2D1): occurred, Mon 24 Mar 2025, Day 22; target Mon 17 Mar 2025; 4 days late (window 17 Mar to 20 "
        "Mar 2025)"
    )


def test_before_day_one_is_known_neither_days_nor_weeks_are_numbered(protocol):
    early = plan(protocol, Facts(dates={"registration": date(2025, 2, 24)}), Calendar())

    assert visit_words(early, early.by_code["REG"]) == ("Registration (REG): planned, staff only, Mon 24 Feb 2025")
    assert {week.text for week in timeline(early, TODAY).weeks} == {""}
