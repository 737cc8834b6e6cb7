"""Months as grids: what is on each day, and what each day is for a visit that is to be booked."""

from datetime import date, timedelta
from pathlib import Path

import pytest

import planner.protocols
from planner.core.calendar import Because, Calendar, Closure
from planner.core.errors import NotFound
from planner.core.facts import Facts
from planner.core.schedule import plan
from planner.exports.months import (
    Cell,
    Entry,
    Kind,
    bookable,
    closed_words,
    runs,
    shape,
    site_calendar,
    state_word,
    visits_in,
)
from planner.protocols.reader import read

TODAY = date(2025, 4, 9)
HOLIDAYS = (
    (date(2025, 4, 20), "Easter Sunday"),
    (date(2025, 4, 21), "Easter Monday"),
    (date(2025, 5, 1), "Labour Day"),
    (date(2025, 5, 29), "Ascension Day"),
    (date(2025, 6, 9), "Whit Monday"),
)
CLOSURES = tuple(Closure(day, day, Because.HOLIDAY, name) for day, name in HOLIDAYS)
BELGIUM = Calendar(frozenset({5, 6}), CLOSURES)


@pytest.fixture(scope="module")
def shrink():
    return read(Path(planner.protocols.__file__).with_name("shrink.toml"))


@pytest.fixture(scope="module")
def treated():
    """Day 1 on Monday 3 March; FOLFOX 1 to 3 and NKR-2 1 were given on their target days, two visits are booked."""
    facts = Facts(dates={"registration": date(2025, 2, 24), "day_one": date(2025, 3, 3)})
    for code, day in (("C1D1", 1), ("C2D1", 15), ("C3D1", 29), ("N1", 32)):
        facts = facts.occurred(code, date(2025, 3, 2) + timedelta(days=day))
    return facts.booked("C4D1", date(2025, 4, 14)).booked("N2", date(2025, 4, 17))


@pytest.fixture(scope="module")
def schedule(shrink, treated):
    return plan(shrink, treated, BELGIUM, TODAY)


@pytest.fixture
def cells():
    """The cells of a month by the number of their day."""
    return lambda month: {cell.day.day: cell for week in month.weeks for cell in week if cell.within}


# ---- the month of all visits


def test_a_month_is_whole_weeks_from_monday_to_sunday(schedule):
    june = visits_in(schedule, date(2025, 6, 15), TODAY)

    assert [(week[0].day, week[-1].day, len(week)) for week in june.weeks] == [
        (date(2025, 5, 26), date(2025, 6, 1), 7),
        (date(2025, 6, 2), date(2025, 6, 8), 7),
        (date(2025, 6, 9), date(2025, 6, 15), 7),
        (date(2025, 6, 16), date(2025, 6, 22), 7),
        (date(2025, 6, 23), date(2025, 6, 29), 7),
        (date(2025, 6, 30), date(2025, 7, 6), 7),
    ]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2025, 4, 30), ("April 2025", date(2025, 4, 1), date(2025, 3, 1), date(2025, 5, 1))),
        (date(2025, 12, 1), ("December 2025", date(2025, 12, 1), date(2025, 11, 1), date(2026, 1, 1))),
        (date(2026, 1, 31), ("January 2026", date(2026, 1, 1), date(2025, 12, 1), date(2026, 2, 1))),
    ],
)
def test_a_month_knows_its_name_and_those_beside_it(schedule, day, expected):
    month = visits_in(schedule, day, TODAY)

    assert (month.title, month.first, month.previous, month.following) == expected


def test_a_day_of_another_month_is_only_a_date(schedule):
    april = visits_in(schedule, date(2025, 4, 1), TODAY)

    assert april.weeks[0][0] == Cell(date(2025, 3, 31), within=False, today=False)


def test_a_day_holds_its_visits_with_their_state(schedule, cells):
    april = cells(visits_in(schedule, date(2025, 4, 1), TODAY))

    assert (april[3], april[17]) == (
        Cell(
            date(2025, 4, 3),
            within=True,
            today=False,
            visits=(Entry("N1", "NKR-2 infusion 1", "●", "occurred", deviation=False),),
        ),
        Cell(
            date(2025, 4, 17),
            within=True,
            today=False,
            visits=(
                Entry("N2", "NKR-2 infusion 2", "◐", "booked", deviation=False),
                Entry("DLT", "DLT review", "◇", "planned, staff only", deviation=False),
            ),
        ),
    )


def test_a_closed_day_says_why(schedule, cells):
    april = cells(visits_in(schedule, date(2025, 4, 1), TODAY))

    assert {n: cell.closed for n, cell in april.items() if cell.closed} == {
        21: "Easter Monday",
        **dict.fromkeys((5, 6, 12, 13, 19, 20, 26, 27), "weekend"),
    }


def test_today_is_marked(schedule, cells):
    april = cells(visits_in(schedule, date(2025, 4, 1), TODAY))

    assert [n for n, cell in april.items() if cell.today] == [9]


def test_a_late_visit_carries_its_deviation(under_way, cells):
    march = cells(visits_in(under_way, date(2025, 3, 1), date(2025, 3, 25)))

    assert march[24].visits == (Entry("C2D1", "FOLFOX 2", "●", "occurred", deviation=True),)


def test_what_does_not_apply_stands_on_no_day(schedule, cells):
    july = cells(visits_in(schedule, date(2025, 7, 1), TODAY))

    assert july[6].visits == ()


def test_a_month_of_all_visits_offers_nothing_to_choose(schedule):
    assert not visits_in(schedule, date(2025, 4, 1), TODAY).to_choose


# ---- the month of one visit


def test_each_day_is_judged_for_the_visit(schedule):
    may = bookable(schedule, "N3", date(2025, 5, 1), TODAY)

    assert may.weeks[0] == (
        Cell(date(2025, 4, 28), within=False, today=False),
        Cell(date(2025, 4, 29), within=False, today=False),
        Cell(date(2025, 4, 30), within=False, today=False),
        Cell(
            date(2025, 5, 1),
            within=True,
            today=False,
            closed="Labour Day",
            kind=Kind.IMPOSSIBLE,
            target=True,
            reason="Thu 1 May: Labour Day",
        ),
        Cell(date(2025, 5, 2), within=True, today=False, kind=Kind.LIVE),
        Cell(
            date(2025, 5, 3),
            within=True,
            today=False,
            closed="weekend",
            visits=(Entry("N3+1", "Next-day check after infusion 3", "○", "planned", deviation=False),),
            kind=Kind.IMPOSSIBLE,
            reason="Sat 3 May: weekend",
        ),
        Cell(
            date(2025, 5, 4),
            within=True,
            today=False,
            closed="weekend",
            kind=Kind.IMPOSSIBLE,
            reason="Sun 4 May: weekend",
        ),
    )


def test_days_of_one_cause_are_one_line(schedule):
    assert bookable(schedule, "N3", date(2025, 5, 1), TODAY).reasons == (
        "Thu 1 May: Labour Day",
        "Sat 3 and Sun 4, Sat 10 and Sun 11, Sat 17 and Sun 18, Sat 24 and Sun 25, Sat 31 May: weekend",
        (
            "Mon 5 to Fri 9, Mon 12 to Fri 16, Mon 19 to Fri 23, Mon 26 to Wed 28, Fri 30 May: possible, but a "
            "deviation: the window of NKR-2 infusion 3 (N3) is from 1 May to 2 May 2025, counted from FOLFOX 5 (C5D1)"
        ),
        "Thu 29 May: Ascension Day",
    )


def test_the_cause_of_a_rule_is_never_lost(schedule):
    assert bookable(schedule, "C4D1", date(2025, 4, 1), TODAY).reasons == (
        "Tue 1 to Tue 8 Apr: in the past",
        (
            "Wed 9 to Fri 11 Apr: FOLFOX 3 (C3D1) took place on Mon 31 Mar 2025, and FOLFOX 4 (C4D1) must be at least "
            "14 days after it"
        ),
        "Sat 12 and Sun 13, Sat 19 and Sun 20, Sat 26 and Sun 27 Apr: weekend",
        (
            "Tue 15 to Fri 18, Tue 22 to Fri 25, Mon 28 to Wed 30 Apr: NKR-2 infusion 2 (N2) is booked on Thu 17 Apr "
            "2025, and it must be at least 3 days after FOLFOX 4 (C4D1)"
        ),
        "Mon 21 Apr: Easter Monday",
    )


def test_the_booked_day_is_chosen_and_the_visit_not_listed_beside_itself(schedule, cells):
    april = cells(bookable(schedule, "C4D1", date(2025, 4, 1), TODAY))

    assert april[14] == Cell(
        date(2025, 4, 14),
        within=True,
        today=False,
        visits=(Entry("C4P", "Bloods before FOLFOX 4", "○", "planned", deviation=False),),
        kind=Kind.TARGET,
        target=True,
        chosen=True,
    )


def test_a_day_outside_the_window_is_bookable_with_its_reason(schedule, cells):
    may = cells(bookable(schedule, "N3", date(2025, 5, 1), TODAY))

    assert (may[5].kind, may[5].bookable, may[5].reason) == (
        Kind.OUTSIDE,
        True,
        (
            "Mon 5 May: 3 days late; possible, but a deviation: the window of NKR-2 infusion 3 (N3) is from 1 May to 2 "
            "May 2025, counted from FOLFOX 5 (C5D1)"
        ),
    )


def test_the_window_of_surgery_is_told_in_study_days(schedule):
    june = bookable(schedule, "RES", date(2025, 6, 1), TODAY)

    assert june.reasons == (
        "Sun 1, Sat 7 and Sun 8, Sat 14 and Sun 15, Sat 21 and Sun 22, Sat 28 and Sun 29 Jun: weekend",
        "Mon 2 to Fri 6 Jun: Resection (RES) must be within Day 99 (Mon 9 Jun 2025) to Day 126 (Sun 6 Jul 2025)",
        "Mon 9 Jun: Whit Monday",
    )


def test_days_far_beyond_the_plan_say_so_in_one_line(schedule):
    far = bookable(schedule, "C5D3", date(2035, 1, 1), TODAY)

    assert not far.to_choose
    assert far.reasons == ("Mon 1 to Wed 31 Jan: this plan looks only at the days from 26 Dec 2024 to 23 Aug 2027",)


@pytest.mark.parametrize("code", ["NR", "ET", "C7D1"])
def test_what_waits_falls_away_or_is_unknown_has_no_days_to_choose(schedule, code):
    with pytest.raises(NotFound):
        bookable(schedule, code, date(2025, 5, 1), TODAY)


# ---- words


@pytest.mark.parametrize(
    ("calendar", "day", "words"),
    [
        (BELGIUM, date(2025, 4, 20), "weekend"),
        (BELGIUM, date(2025, 4, 22), ""),
        (Calendar(frozenset({2})), date(2025, 4, 23), "closed on Wednesdays"),
        (Calendar(closures=(Closure(TODAY, TODAY, Because.HOLIDAY),)), TODAY, "public holiday"),
        (Calendar(closures=(Closure(TODAY, TODAY, Because.CLOSURE, "move"),)), TODAY, "closed (move)"),
        (Calendar(closures=(Closure(TODAY, TODAY),)), TODAY, "closed"),
        (
            Calendar(frozenset({2}), (Closure(TODAY, TODAY, Because.ABSENCE),)),
            TODAY,
            "closed on Wednesdays and the patient is away",
        ),
    ],
)
def test_why_a_day_is_closed_in_few_words(calendar, day, words):
    assert closed_words(calendar, calendar.why_closed(day, "clinic", attended=True), day) == words


def test_the_reference_visit_stands_for_the_site(schedule, under_way):
    assert (site_calendar(schedule), site_calendar(under_way)) == ("chair", "clinic")


def test_a_visit_without_a_day_says_so(schedule):
    assert [state_word(schedule.by_code[code]) for code in ("SC1", "REG", "NR", "N2")] == [
        "no day",
        "planned, staff only",
        "not applicable",
        "booked",
    ]


def test_the_shape_is_of_the_state_and_of_staff_while_it_is_to_come(under_way):
    assert "".join(shape(under_way.by_code[code]) for code in ("REG", "MDT", "C2P", "N3", "C3D1", "N1")) == "●◇✕✕◐○"


def test_days_on_end_are_a_run():
    days = [date(2025, 5, n) for n in (1, 3, 4, 6, 7, 8)]

    assert runs(days) == "Thu 1, Sat 3 and Sun 4, Tue 6 to Thu 8 May"
