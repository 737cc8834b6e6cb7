"""A patient's case: who, by which protocol, and the schedule as it stands; and how an act on it is saved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from planner.core.acceptances import settled
from planner.core.errors import Refused, Stale
from planner.core.feeds import SILENT
from planner.core.schedule import changes
from planner.core.units import attended, taken_by
from planner.services import payloads
from planner.services.resources import patient_days
from planner.services.schedules import Memory, calendar_for, draft
from planner.services.telling import tell
from planner.store import audit, patients, portal, resources

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from planner.core.calendar import Calendar
    from planner.core.facts import Fact, Facts
    from planner.core.history import Payload
    from planner.core.patients import Ended, Patient
    from planner.core.protocol import Protocol
    from planner.core.schedule import Change, Schedule
    from planner.services.resources import SiteDays
    from planner.services.work import Work

V = TypeVar("V")
MOST_CASES = 512
"""Schedules kept in memory: more than the patients of any one trial of this size, over two days."""

WROTE = "wrote"
"""Marks a session in which an act was written."""

_schedules: Memory[tuple[Schedule, SiteDays]] = Memory(MOST_CASES)


@dataclass(frozen=True, slots=True)
class Case:
    """One patient on one day: everything that a page or a paper about them is made of.

    `unsaved` marks a case read in the transaction that wrote it: its version may come to say something else.
    """

    patient: Patient
    protocol: Protocol
    schedule: Schedule
    today: date
    days: SiteDays
    unsaved: object | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """Everything that the schedule was made from: two cases with one key say the same."""
        return (*_key(self.patient, self.today), self.unsaved)

    @property
    def facts(self) -> Facts:
        """What is known of the patient."""
        return self.schedule.facts


@dataclass(frozen=True, slots=True)
class Act:
    """What a person wants to save: the case before, the schedule after, and every visit that differs."""

    action: str
    case: Case
    after: Schedule
    reason: str = ""
    ended_because: Ended | None = None

    @property
    def differs(self) -> bool:
        """Whether anything would be written; in which order deviations were accepted makes no difference."""
        before, after = (replace(facts, accepted=()) for facts in (self.case.facts, self.after.facts))
        accepted = frozenset(self.case.facts.accepted) != frozenset(self.after.facts.accepted)
        return before != after or accepted

    @property
    def changes(self) -> tuple[Change, ...]:
        """The visits that differ."""
        return changes(self.case.schedule, self.after)


def case(work: Work, public_id: str) -> Case:
    """The patient's case; NotFound for a patient who is unknown or out of the actor's reach."""
    return case_of(work, patients.find(work.session, public_id, work.actor.reach))


def case_of(work: Work, patient: Patient) -> Case:
    """The case of a patient just read."""
    protocol, today = work.library.find(patient.protocol), work.today(patient.site)

    def planned() -> tuple[Schedule, SiteDays]:
        facts = patients.known(work.session, patient).facts
        days = patient_days(work, patient.site, patients.key(work.session, patient.public_id))
        return draft(protocol, facts, days, today), days

    if work.session.info.get(WROTE):  # not saved yet, perhaps never: nobody else may see it
        schedule, days = planned()
        return Case(patient, protocol, schedule, today, days, unsaved=object())
    schedule, days = _schedules.get(_key(patient, today), planned)
    return Case(patient, protocol, schedule, today, days)


def _key(patient: Patient, today: date) -> tuple[object, ...]:
    return (patient.public_id, patient.version, patient.site, patient.protocol, today)


def redrafted(case: Case, facts: Facts) -> Schedule:
    """The schedule of the same patient by other facts.

    What was accepted before holds for the days that it was accepted for: where they differ, it waits for a reason anew.
    """
    after = draft(case.protocol, facts, case.days, case.today, case.schedule.calendar)
    ended = case.facts.ended is not None or facts.ended is not None
    return settled(case.schedule, after, whole_calendar(case, facts) if ended else None)


def whole_calendar(case: Case, facts: Facts) -> Calendar:
    """The site's calendar over every day that a plan of these facts looks at, as if the study had not ended."""
    return calendar_for(case.protocol, replace(facts, ended=None), case.days, case.today)


def as_seen(work: Work, public_id: str, seen: int) -> Case:
    """The patient's case; Stale where somebody saved something since version `seen` was shown."""
    found = case(work, public_id)
    if found.patient.version != seen:
        raise _overtaken(work, public_id)
    return found


def _overtaken(work: Work, public_id: str) -> Stale:
    return Stale("patient_changed", who=audit.last_act_of(work.session, public_id) or "Somebody else")


def must_be_open(case: Case) -> None:
    """Refused once the study ended for the patient."""
    if case.patient.ended is not None:
        raise Refused("study_has_ended", day=case.patient.ended)


def save(work: Work, act: Act, note: tuple[str, Payload] | None = None) -> Act:
    """Write what the act changes, in the transaction of `work`; Refused where nothing differs.

    `note` is a further row of the history (entity and value) that belongs to the act and changes no fact.
    """
    return save_together(work, (act,), note)[0]


def save_together(work: Work, acts: tuple[Act, ...], note: tuple[str, Payload] | None = None) -> tuple[Act, ...]:
    """One act on several patients: they give their times back before anybody takes one, and share the act's id.

    Every two such acts go through the patients in one order, so that none waits for one that waits for it.
    """
    if not all(act.differs for act in acts):
        raise Refused("nothing_changed")
    acts = tuple(sorted(acts, key=lambda act: act.case.patient.public_id))
    stamp = work.stamp(acts[0].action, acts[0].reason)
    for act in acts:
        advance(work, act.case.patient)
    for act in acts[1:]:
        _give_time(work, patients.key(work.session, act.case.patient.public_id), act.case.facts, act.after.facts)
    for act in acts:
        _save(work, act, stamp, note)
    return acts


def _save(work: Work, act: Act, stamp: audit.Stamp, note: tuple[str, Payload] | None) -> None:
    _keep(work, act.case.patient, (act.case.facts, act.after.facts), stamp, act.ended_because)
    if note is not None:
        own = patients.key(work.session, act.case.patient.public_id)
        audit.write(work.session, stamp, note[0], (None, note[1]), own)
    tell(work, act.case.patient, act.after)
    saved = replace(act.case.patient, version=act.case.patient.version + 1)
    work.once_saved(lambda: _schedules.get(_key(saved, act.case.today), lambda: (act.after, act.case.days)))


def keep(
    work: Work, patient: Patient, facts: tuple[Facts, Facts], stamp: audit.Stamp, because: Ended | None = None
) -> None:
    """Write each fact that differs before and after, and one audit row for each."""
    advance(work, patient)
    _keep(work, patient, facts, stamp, because)


def _keep(work: Work, patient: Patient, facts: tuple[Facts, Facts], stamp: audit.Stamp, because: Ended | None) -> None:
    own = patients.key(work.session, patient.public_id)
    _take_time(work, patient, own, *facts)
    written = (*_write(work, own, *facts), *_ending(work, patient, facts[1].ended, because))
    for entity, old, new in written:
        audit.write(work.session, stamp, entity, (old, new), own)


def _give_time(work: Work, own: int, before: Facts, after: Facts) -> None:
    """The time of units that the visits which differ had is free again."""
    for code, (old, _) in _holding_time(before, after):
        if old is not None and old.unit:
            resources.release(work.session, own, code)


def _take_time(work: Work, patient: Patient, own: int, before: Facts, after: Facts) -> None:
    """Time of units follows the bookings, in one transaction with them; Stale where somebody else has it."""
    _give_time(work, own, before, after)
    protocol = work.library.find(patient.protocol)
    wanted = [
        (new.unit, taken_by(new, *attended(protocol, after, code)), code)
        for code, (_, new) in _holding_time(before, after)
        if new and new.unit
    ]
    for unit, span, code in sorted(wanted, key=lambda one: (one[0] or "", one[1].start)):  # no two wait for each other
        resources.take(work.session, own, code, unit or "", span)


def _holding_time(before: Facts, after: Facts) -> Iterator[tuple[str, tuple[Fact | None, Fact | None]]]:
    """The visits whose fact differs, and those whose attendance became longer or shorter."""
    differing = dict(_differing(before.visits, after.visits))
    for code in before.visits.keys() & after.visits.keys():
        if code in differing or before.guests(code) != after.guests(code):
            differing[code] = (before.visits[code], after.visits[code])
    return iter(differing.items())


def advance(work: Work, patient: Patient) -> None:
    """Count an act on the patient as it was read; Stale where somebody else saved one since."""
    if not patients.advance(work.session, patient.public_id, patient.version, work.now):
        raise _overtaken(work, patient.public_id)
    work.session.info[WROTE] = True


def _write(work: Work, own: int, before: Facts, after: Facts) -> Iterator[tuple[str, Payload, Payload]]:
    """Each fact that differs is written, and told as entity, old and new value."""
    for code, (old, new) in _differing(before.dates, after.dates):
        patients.write_date(work.session, own, code, new)
        yield f"date:{code}", payloads.of_day(old), payloads.of_day(new)
    for code, (was, becomes) in _differing(before.visits, after.visits):
        patients.write_visit(work.session, own, code, becomes)
        yield f"visit:{code}", payloads.of_fact(was), payloads.of_fact(becomes)
    for code, (one, other) in _differing(before.decisions, after.decisions):
        patients.write_decision(work.session, own, code, other)
        yield f"decision:{code}", payloads.of_value(one), payloads.of_value(other)
    for code, (lone, host) in _differing(before.together, after.together):
        patients.write_together(work.session, own, code, host)
        yield f"together:{code}", payloads.of_host(lone), payloads.of_host(host)
    for accepted in (a for a in before.accepted if a not in after.accepted):
        patients.write_acceptance(work.session, own, accepted, withdrawn=True)
        yield f"acceptance:{accepted.visit}", payloads.of_acceptance(accepted), None
    for accepted in (a for a in after.accepted if a not in before.accepted):
        patients.write_acceptance(work.session, own, accepted, withdrawn=False)
        yield f"acceptance:{accepted.visit}", None, payloads.of_acceptance(accepted)


def _ending(
    work: Work, patient: Patient, day: date | None, because: Ended | None
) -> Iterator[tuple[str, Payload, Payload]]:
    if day != patient.ended:
        patients.end(work.session, patient.public_id, day, because)
        if because in SILENT:
            portal.stop_links(work.session, patients.key(work.session, patient.public_id))
        yield "study", payloads.of_end(patient.ended, patient.ended_because), payloads.of_end(day, because)


def _differing(before: Mapping[str, V], after: Mapping[str, V]) -> Iterator[tuple[str, tuple[V | None, V | None]]]:
    for code in dict.fromkeys((*before, *after)):
        if before.get(code) != after.get(code):
            yield code, (before.get(code), after.get(code))
