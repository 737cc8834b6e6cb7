"""The course as a whole: its start moves, it ends, or it goes on after all. What that does is shown first."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from planner.core.errors import Refused
from planner.core.escalation import may_fail_screening
from planner.core.giving import TO_SEE
from planner.core.moves import restarted
from planner.core.patients import Ended
from planner.core.repairing import repaired
from planner.services.cases import Act, as_seen, must_be_open, save, whole_calendar
from planner.services.patients import date_of
from planner.services.replanning import Planning, Replan, to_save
from planner.services.resources import must_be_meant
from planner.services.seals import must_be_as_shown

if TYPE_CHECKING:
    from datetime import date

    from planner.core.facts import Facts
    from planner.services.cases import Case
    from planner.services.work import Work


def redating(  # noqa: PLR0913  # what a nurse says of a date
    work: Work,
    case: Case,
    code: str,
    day: date,
    reason: str = "",
    second: str = "",
    *,
    keep: bool = False,
    repairs: tuple[str, ...] = (),
) -> Replan:
    """A named date moved, with the visit that is booked on it: everything that counts from it follows.

    Refused for a date that has occurred, and without a reason for one that was known before.
    """
    named = date_of(case, code)
    facts = restarted(case.schedule, code, day)
    if code in case.facts.dates and not reason:
        raise Refused("reason_for_change_needed", what=named.name.into("en"))
    must_be_open(case)
    must_be_meant(work, case.patient.site, day)
    found = Planning(work, case, "change_date", reason, second).of(facts, keep=keep, repairs=repairs)
    return replace(found, asked=(code, day, keep, repairs))


def redate(  # noqa: PLR0913, PLR0917  # what a nurse says of a date
    work: Work,
    public_id: str,
    seen: int,
    code: str,
    day: date,
    reason: str,
    second: str = "",
    *,
    keep: bool = False,
    repairs: tuple[str, ...] = (),
    shown: str | None = None,
) -> Act:
    """Save a named date, with all that moves for it; `shown` is the seal of what the page showed."""
    case = as_seen(work, public_id, seen)

    def found(reason: str, second: str) -> Replan:
        return redating(work, case, code, day, reason, second, keep=keep, repairs=repairs)

    must_be_as_shown(shown, lambda: found(TO_SEE, TO_SEE).seal)
    return save(work, to_save(found(reason, second)))


def ending(case: Case, day: date, because: Ended, reason: str) -> Replan:
    """The study ends for the patient: what has not occurred by that day will not, and nothing is sent any more."""
    must_be_open(case)
    if day > case.today:
        raise Refused("end_lies_ahead", day=day)
    if not reason:
        raise Refused("reason_needed_to_end")
    last = max((visit.occurred for visit in case.schedule.visits if visit.occurred is not None), default=day)
    if day < last:
        raise Refused("end_before_a_visit", day=last)
    if because is Ended.SCREEN_FAILURE:
        may_fail_screening(case.schedule)
    return replace(_as_it_is(case, "end", case.facts.ending(day), reason, because), asked=(day, because))


def end(  # noqa: PLR0913, PLR0917  # what a nurse says of an end
    work: Work, public_id: str, seen: int, day: date, because: Ended, reason: str, shown: str | None = None
) -> Act:
    """Save that the study ended; `shown` is the seal of what the page showed."""
    case = as_seen(work, public_id, seen)
    must_be_as_shown(shown, lambda: ending(case, day, because, TO_SEE).seal)
    return save(work, to_save(ending(case, day, because, reason)))


def resuming(case: Case, reason: str) -> Replan:
    """The end of the study taken back: it was entered by mistake; what is still booked takes place again."""
    if case.patient.ended is None:
        raise Refused("nothing_changed")
    if not reason:
        raise Refused("reason_for_correction_needed")
    return _as_it_is(case, "reopen", case.facts.ending(None), reason, None)


def reopen(work: Work, public_id: str, seen: int, reason: str, shown: str | None = None) -> Act:
    """Save that it goes on; `shown` is the seal of what the page showed."""
    case = as_seen(work, public_id, seen)
    must_be_as_shown(shown, lambda: resuming(case, TO_SEE).seal)
    return save(work, to_save(resuming(case, reason)))


def _as_it_is(case: Case, action: str, facts: Facts, reason: str, because: Ended | None) -> Replan:
    """What these facts bring where no booking is moved for them."""
    found = repaired(case.schedule, facts, keep=True, asked=(), calendar=whole_calendar(case, facts))
    return Replan(found, act=Act(action, case, found.proposal.after or case.schedule, reason, because))
