"""Attendances: confirmed by the patient, made once more, or one for two visits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from planner.core.errors import Refused
from planner.core.facts import State
from planner.core.overruling import new_conflicts
from planner.services.cases import Act, as_seen, must_be_open, redrafted, save
from planner.services.resources import room_for
from planner.services.visits import accepted, stands_alone, visit_of

if TYPE_CHECKING:
    from planner.core.visit import Visit
    from planner.services.cases import Case
    from planner.services.work import Work


def confirming(case: Case, code: str, *, yes: bool) -> Act:
    """The patient said that the booking suits, or takes that back."""
    visit = visit_of(case, code)
    must_be_open(case)
    stands_alone(case, code)
    if visit.booked is None:
        raise Refused("nothing_to_confirm", visit=visit.encounter.name.into("en"))
    return Act("confirm", case, redrafted(case, case.facts.confirmed(code, yes=yes)))


def repeat_of(case: Case, code: str) -> str | None:
    """The visit by which this one would be made once more.

    None where the protocol has none left, or what the repeat counts from is over: nothing is left to repeat it for.
    """
    found = next((e for e in case.protocol.encounters if e.repeats == code), None)
    if found is None or found.timing is None:
        return None
    counted = (case.schedule.by_code.get(anchor) for anchor in found.timing.anchor.codes)
    return found.code if any(visit is not None and visit.to_come for visit in counted) else None


def repeating(case: Case, code: str, reason: str, *, again: bool = True) -> Act:
    """A visit that took place is to be made once more, or no longer is while nothing is known of the repeat."""
    visit, repeat = visit_of(case, code), repeat_of(case, code)
    must_be_open(case)
    named = visit.encounter.name.into("en")
    if repeat is None:
        raise Refused("no_repeat", visit=named)
    if visit.state is not State.OCCURRED or repeat in case.facts.visits:
        raise Refused("repeat_settled", visit=named)
    if not reason:
        raise Refused("reason_for_repeat_needed", visit=named)
    return Act("repeat", case, redrafted(case, case.facts.repeated(code, again=again)), reason)


def hosts(case: Case, code: str) -> tuple[Visit, ...]:
    """The visits whose attendance may fulfil this one too: both are still to come."""
    visit = case.schedule.by_code.get(code)
    if visit is None or not visit.to_come or case.facts.guests(code):
        return ()
    found = (case.schedule.by_code.get(host) for host in visit.encounter.joins)
    return tuple(host for host in found if host is not None and host.to_come and host.host is None)


def combining(case: Case, code: str, host: str, reason: str = "", second: str = "") -> Act:
    """One attendance for two visits, on the day of `host`; a booking of its own is given back.

    Refused where no day suits both windows, or `host` is booked outside the window and no reason is given.
    """
    visit = visit_of(case, code)
    must_be_open(case)
    stands_alone(case, code)
    if host not in [found.code for found in hosts(case, code)]:
        raise Refused("not_to_be_combined", visit=visit.encounter.name.into("en"))
    facts = case.facts.reconsidered(code).combined(code, host)
    act = accepted(case, "combine", facts.attendance(code), redrafted(case, facts), reason, second)
    if new_conflicts(case.schedule, act.after):
        raise Refused("combined_clashes", visit=visit.encounter.name.into("en"))
    both = act.after.by_code[host]
    if both.booked is None and not both.live:
        named = both.encounter.name.into("en")
        raise Refused("no_day_for_both", visit=visit.encounter.name.into("en"), host=named)
    return act


def separating(case: Case, code: str) -> Act:
    """A visit stands alone again, planned for a day of its own."""
    visit = visit_of(case, code)
    must_be_open(case)
    if visit.host is None or not visit.to_come:
        raise Refused("not_combined", visit=visit.encounter.name.into("en"))
    return Act("separate", case, redrafted(case, case.facts.reconsidered(code).combined(code, None)))


def confirm(work: Work, public_id: str, seen: int, code: str, *, yes: bool) -> Act:
    """Save that the patient confirmed, or not."""
    return save(work, confirming(as_seen(work, public_id, seen), code, yes=yes))


def repeat(  # what a nurse says of a repeat
    work: Work, public_id: str, seen: int, code: str, reason: str, *, again: bool = True
) -> Act:
    """Save that a visit is to be made once more."""
    return save(work, repeating(as_seen(work, public_id, seen), code, reason, again=again))


def combine(  # what a nurse says of two visits
    work: Work, public_id: str, seen: int, code: str, host: str, reason: str = ""
) -> Act:
    """Save one attendance for two visits; where a time is booked, both must fit behind it."""
    act = combining(as_seen(work, public_id, seen), code, host, reason)
    _has_room(work, act, host)
    return save(work, act)


def _has_room(work: Work, act: Act, host: str) -> None:
    booked = act.after.by_code[host].fact
    if booked is None or booked.unit is None or booked.day is None:
        return
    room = room_for(work, replace(act.case, schedule=act.after), host, (booked.day, booked.day))
    starts = [one.at for one in room.free(booked.day) if booked.unit in one.units]
    if booked.at not in starts:
        raise Refused("no_room_for_both", at=booked.at, day=booked.day, minutes=room.minutes)


def separate(work: Work, public_id: str, seen: int, code: str) -> Act:
    """Save that a visit stands alone again."""
    return save(work, separating(as_seen(work, public_id, seen), code))
