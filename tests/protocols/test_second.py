"""A second protocol in another convention gives the dates that were counted by hand."""

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from planner.core.calendar import Calendar
from planner.core.conflicts import ConflictKind
from planner.core.deviations import FlagKind
from planner.core.facts import Facts, State
from planner.core.schedule import plan
from planner.protocols.reader import check
from tests.protocols.documents import planned

FILE = Path(__file__).with_name("second.toml")
TEXT = FILE.read_text(encoding="utf-8")
SECOND, DOUBTS = check(FILE)
START = "consent=2025-01-02; infusion_day=2025-01-31"
OPEN = Calendar()


def facts(**dates):
    return Facts(dates={"consent": date(2025, 1, 2), "infusion_day": date(2025, 1, 31), **dates})


def schedule(given, calendar=OPEN):
    return plan(SECOND, given, calendar)


def test_the_file_has_nothing_doubtful():
    assert DOUBTS == ()


def test_the_dates_are_those_counted_by_hand():
    # Friday 31 January 2025 is Day 0.
    assert planned(TEXT, START) == [
        ["SCR", "2025-01-03", "2024-12-20", "2025-01-24"],  # 28 days before; 14 before that; 21 after it
        ["V0", "2025-01-31", "2025-01-31", "2025-02-07"],  # 0/+7
        ["T1", "2025-02-05", "2025-02-05", "2025-02-06"],  # discharge 31 Jan + 2 = 2 Feb, + 3
        ["T2", "2025-02-12", "2025-02-11", "2025-02-13"],  # a week later, -1/+1
        ["T3", "2025-02-19", "2025-02-18", "2025-02-20"],  # and another
        ["LAB", "2025-02-07", "2025-02-07", "2025-02-11"],  # Mon 3, Tue 4, Wed 5, Thu 6, Fri 7; then Mon 10, Tue 11
        ["M1", "2025-02-28", "2025-02-25", "2025-03-03"],  # February ends on the 28th
        ["M3", "2025-04-30", "2025-04-30", "open"],  # April ends on the 30th; no end
        ["M6", "2025-07-31", "open", "2025-08-31"],  # no beginning; 7 months is 31 August
        ["X1", "2025-08-07", "2025-08-04", "2025-08-10"],  # a week after M6
        ["X2", "2025-09-04", "2025-09-01", "2025-09-07"],  # 4 weeks later; two ahead, so no X3
        ["END", "2025-10-04", "2025-10-04", "2025-10-11"],  # 30 days after the last dose planned
    ]


def test_an_infusion_three_days_late_moves_all_that_counts_from_it():
    # Monday 3 February is Day 0, discharged on 7 February; V0's own window counts from the date planned.
    given = f"{START}; occurred V0=2025-02-03..2025-02-07; occurred SCR=2025-01-06"

    assert planned(TEXT, given) == [
        ["SCR", "2025-01-06", "2024-12-23", "2025-01-27"],  # 28 days before 3 February is 6 January
        ["V0", "2025-02-03", "2025-01-31", "2025-02-07"],
        ["T1", "2025-02-10", "2025-02-10", "2025-02-11"],  # 7 February + 3
        ["T2", "2025-02-17", "2025-02-16", "2025-02-18"],
        ["T3", "2025-02-24", "2025-02-23", "2025-02-25"],
        ["LAB", "2025-02-10", "2025-02-10", "2025-02-12"],  # Tue 4, Wed 5, Thu 6, Fri 7, Mon 10; Tue 11, Wed 12
        ["M1", "2025-03-03", "2025-02-28", "2025-03-06"],
        ["M3", "2025-05-03", "2025-05-03", "open"],
        ["M6", "2025-08-03", "open", "2025-09-03"],
        ["X1", "2025-08-10", "2025-08-07", "2025-08-13"],
        ["X2", "2025-09-07", "2025-09-04", "2025-09-10"],
        ["END", "2025-10-07", "2025-10-07", "2025-10-14"],
    ]


def test_the_chain_of_calls_follows_the_actual_day():
    # The first call on 6 February: the second 13, the third 20 February; a second on 14 moves the third to 21.
    first = schedule(facts().occurred("T1", date(2025, 2, 6)))
    second = schedule(facts().occurred("T1", date(2025, 2, 6)).occurred("T2", date(2025, 2, 14)))

    assert [first.by_code[code].target for code in ("T2", "T3")] == [date(2025, 2, 13), date(2025, 2, 20)]
    assert second.by_code["T3"].target == date(2025, 2, 21)


def test_calls_more_than_8_days_apart_are_flagged():
    # 5 to 14 February are 9 days, more than 8; T2's own window would have ended on 13 February.
    far = schedule(facts().occurred("T1", date(2025, 2, 5)).occurred("T2", date(2025, 2, 14)))

    flagged = [flag.broken[0].rule for flag in far.by_code["T2"].flags if flag.kind is FlagKind.RULE]
    assert flagged == ["calls-far-apart"]
    assert [deviation.days for deviation in far.by_code["T2"].deviations] == [1]


def test_the_extension_goes_on_two_ahead_until_a_relapse():
    # X1 on 8 August, X2 on 5 September: X3 on 3 October, X4 on 31 October; END 30 days after the last.
    given = facts().occurred("X1", date(2025, 8, 8)).occurred("X2", date(2025, 9, 5))

    going = schedule(given)
    relapsed = schedule(given.decided("relapse", "yes"))

    doses = [(v.code, v.target) for v in going.visits if v.code.startswith("X")]
    assert doses[2:] == [("X3", date(2025, 10, 3)), ("X4", date(2025, 10, 31))]
    assert going.by_code["END"].target == date(2025, 11, 30)  # 31 October + 30
    assert [v.code for v in relapsed.visits if v.code.startswith("X")] == ["X1", "X2"]
    assert relapsed.by_code["END"].target == date(2025, 10, 5)  # 5 September + 30


def test_an_omitted_dose_makes_the_next_count_from_the_last_one_given():
    # X2 omitted: X3 counts from X1 on 8 August, 4 weeks later: 5 September.
    given = facts().occurred("X1", date(2025, 8, 8)).omitted("X2")

    found = schedule(given)

    assert (found.by_code["X3"].anchor, found.by_code["X3"].target) == ("X1", date(2025, 9, 5))


def test_days_are_numbered_from_0_and_anew_in_the_extension():
    found = schedule(facts())
    numbers = {
        code: (found.by_code[code].study_day, found.by_code[code].period_day)
        for code in ("SCR", "V0", "M1", "X1", "X2")
    }

    # 7 August is 188 days after 31 January (28 + 31 + 30 + 31 + 30 + 31 + 7), 4 September 28 more.
    assert numbers == {"SCR": (-28, None), "V0": (0, None), "M1": (28, None), "X1": (188, 0), "X2": (216, 28)}


@pytest.mark.parametrize(("arm", "state"), [("A", State.NOT_APPLICABLE), ("B", State.PLANNED), ("C", State.PLANNED)])
def test_the_sample_is_taken_in_two_of_three_arms(arm, state):
    found = schedule(facts().decided("arm", arm))

    assert found.by_code["PK"].state is state


def test_the_sample_needs_both_its_conditions():
    found = schedule(facts().decided("arm", "B").decided("relapse", "yes"))

    assert found.by_code["PK"].state is State.NOT_APPLICABLE


def test_the_hour_of_the_sample_follows_the_infusion():
    # 21:00 on 31 January and 36 hours: 09:00 on 2 February, Day 2.
    zone = "Europe/Brussels"
    given = facts().decided("arm", "B").booked("V0", date(2025, 1, 31), datetime(2025, 1, 31, 21).time(), zone)  # noqa: DTZ001

    sample = schedule(given).by_code["PK"]

    assert sample.clock == datetime(2025, 2, 2, 9, tzinfo=ZoneInfo(zone))
    assert (sample.encounter.clock.before, sample.encounter.clock.after) == (30, 120)
    assert sample.target == date(2025, 2, 2)


def test_what_counts_from_an_optional_date_waits_for_it():
    waiting = schedule(facts()).by_code["WD"]
    given = schedule(facts(withdrawal=date(2025, 3, 10))).by_code["WD"]

    assert (waiting.target, waiting.suggested) == (None, None)
    assert (given.target, given.window.latest) == (date(2025, 3, 10), date(2025, 3, 24))


def test_an_unscheduled_visit_appears_once_it_is_booked():
    assert "U" not in schedule(facts()).by_code
    assert schedule(facts().booked("U", date(2025, 3, 1))).by_code["U"].booked == date(2025, 3, 1)


def test_a_dose_20_days_after_the_one_before_breaks_a_hard_rule():
    # X1 on 8 August; 3 weeks later is 29 August, so 28 August, day 20, is a conflict.
    given = facts().occurred("X1", date(2025, 8, 8)).booked("X2", date(2025, 8, 28))

    conflicts = schedule(given).conflicts

    assert [(c.kind, c.visit, c.reasons[0].rule) for c in conflicts] == [(ConflictKind.RULE, "X2", "doses-apart")]


def test_consent_may_not_come_after_screening_and_nobody_overrules_that():
    given = Facts(dates={"consent": date(2025, 1, 10), "infusion_day": date(2025, 1, 31)})

    screening = schedule(given).by_code["SCR"]

    assert min(screening.possible) == date(2025, 1, 10)
    assert screening.suggested == date(2025, 1, 10)
