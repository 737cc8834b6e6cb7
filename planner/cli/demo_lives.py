"""How the patients of the demo came to where they are: their past, lived out day by day through the services."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from heapq import merge
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

from planner.cli.demo_patients import STORIES, What, person
from planner.cli.demo_site import INVESTIGATOR, NURSE, SITE, all_agree, open_day
from planner.core.deviations import Cause
from planner.core.facts import Go, State
from planner.core.patients import Contact, Ended
from planner.services import cases, contacts, courses, patients, records, visits
from planner.services.patients import Enrolment
from planner.services.records import Record
from planner.services.resources import room_for
from planner.services.visits import How, Start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from planner.cli.demo_patients import Story, Turn
    from planner.core.facts import Facts
    from planner.core.schedule import Schedule
    from planner.core.staff import Actor
    from planner.core.visit import Visit
    from planner.services.cases import Act, Case
    from planner.services.work import Work

SHRINK, TEN = ("NCT03310008", "0.1 illustrative"), time(10)
CONSENT = timedelta(days=21)
"""From consent to Day 1."""

BEFORE_ALL = timedelta(days=90)
ONE_DAY = timedelta(days=1)
CALLED = 3
"""Days ahead for which the patients have been called, and confirmed."""

WEDNESDAY = 2  # a treatment that starts on one has its infusions on Saturdays

DECIDED = {"SC2": ("port_needed", "yes"), "MDT": ("resectable", "yes")}
"""What is decided after a visit unless it was decided before."""

RECORDED = {What.LATE: State.OCCURRED, What.OMIT: State.CANCELED, What.MISS: State.MISSED}
BY_THE_INVESTIGATOR = frozenset({What.OMIT, What.DECIDE, What.END})


@dataclass(frozen=True, slots=True)
class Noted:
    """Facts without a plan: all of a schedule that saving looks at.

    What happened as planned needs no new plan, and one before and after each of a thousand acts would take a minute.
    """

    facts: Facts


@dataclass
class Past:
    """A patient whose past is written: the last plan made, and how the case stands since."""

    work: Work
    story: Story
    plan: Schedule
    case: Case

    @property
    def facts(self) -> Facts:
        """What is known so far."""
        return self.case.facts

    def act(self, day: date, actor: Actor, verb: Callable[..., Act], *arguments: object) -> None:
        """Do what a person could refuse or be refused: with a plan before and after."""
        patient = self.case.patient
        done = verb(at_ten(self.work, day, actor), patient.public_id, patient.version, *arguments)
        self.plan = done.after
        self._saved(done.after)

    def note(self, day: date, actor: Actor, action: str, facts: Facts, reason: str = "") -> None:
        """Save what happened as planned."""
        then = at_ten(self.work, day, actor)
        cases.keep(then, self.case.patient, (self.case.facts, facts), then.stamp(action, reason))
        self._saved(cast("Schedule", Noted(facts)))

    def _saved(self, after: Schedule) -> None:
        patient = replace(self.case.patient, version=self.case.patient.version + 1)
        self.case = replace(self.case, patient=patient, schedule=after)

    def look(self, day: date) -> None:
        """Plan anew, as of that day."""
        self.case = cases.case(at_ten(self.work, day, NURSE), self.case.patient.public_id)
        self.plan = self.case.schedule


def before_all(today: date) -> date:
    """A day on which the first patient was not enrolled yet."""
    return today - timedelta(days=STORIES[0].day) - BEFORE_ALL


def at_ten(work: Work, day: date, actor: Actor) -> Work:
    """The same work, done at ten o'clock of that day."""
    now = datetime.combine(day, TEN, ZoneInfo(SITE.zone)).astimezone(UTC)
    return replace(work, actor=actor, now=now)


def live_out(work: Work, today: date, stories: Iterable[Story] = STORIES) -> None:
    """Enrol the patients and let happen what happened before `today`, each thing on its day, in the order of days."""
    lives = [_lived(work, story, number, today) for number, story in enumerate(stories, start=1)]
    deque(merge(*lives), maxlen=0)
    all_agree(at_ten(work, today - ONE_DAY, NURSE))


def _lived(work: Work, story: Story, number: int, today: date) -> Iterator[date]:
    """One patient's past. Each day is yielded before what happened on it is saved."""
    day_one = start_day(story, today)
    consent = open_day(day_one - CONSENT, forward=True)
    yield consent
    past = _enrolled(work, story, number, (consent, day_one))
    for turn in story.course:
        planned = past.plan.by_code[turn.at].day
        day = _day_of(turn, planned) if planned is not None else today
        if planned is None or day >= today:
            break
        yield from _as_planned(past, {What.LATE: planned, What.END: day + ONE_DAY}.get(turn.what, day))
        yield day
        _turned(past, turn, day)
    yield from _as_planned(past, today)


def start_day(story: Story, today: date) -> date:
    """The story's Day 1: the open day nearest to as many days before today as it says, further from today."""
    day, forward = open_day(today - timedelta(days=story.day), forward=story.day < 0), story.day < 0
    while day.weekday() == WEDNESDAY:
        day = open_day(day + (ONE_DAY if forward else -ONE_DAY), forward=forward)
    return day


def _enrolled(work: Work, story: Story, number: int, days: tuple[date, date]) -> Past:
    """The patient on the day of consent."""
    (consent, day_one), who = days, person(number)
    wanted = Enrolment(
        subject_id=who.subject_id,
        site=SITE.code,
        protocol=SHRINK,
        day_one=day_one,
        registration=None,
        dose_level=who.dose_level,
        phase=who.phase,
        language=who.language,
    )
    then = at_ten(work, consent, NURSE)
    patient = patients.enrol(then, wanted)
    if who.contact != Contact():
        contacts.write_contact(then, patient.public_id, patient.version, who.contact)
    case = cases.case(then, patient.public_id)
    return Past(work, story, case.schedule, case)


def _day_of(turn: Turn, planned: date) -> date:
    """When the turn is done, where the visit that it hangs on is planned for that day."""
    late = turn.days if turn.what in (What.LATE, What.REGISTER, What.END) else 0
    return open_day(planned + timedelta(days=late), forward=True) if late else planned


def _as_planned(past: Past, until: date) -> Iterator[date]:
    """Each visit of the plan before `until` takes place on its day, and the next ones are booked."""
    for day, visit, first in _coming(past, until):
        yield day
        if first is not None:
            past.note(day, NURSE, "record", past.facts.occurred(visit.code, first, day))
            continue
        _record(past, visit, day)
        _decide(past, visit, day)
        _book_ahead(past, day)


def _coming(past: Past, until: date) -> list[tuple[date, Visit, date | None]]:
    """The visits of the plan before `until` by day, and the last day of each stay with its first one."""
    found: list[tuple[date, Visit, date | None]] = []
    for visit in past.plan.visits:
        day, stay = visit.day, visit.encounter.stay
        if not visit.to_come or day is None or day >= until or visit.code in past.story.left:
            continue
        found.append((day, visit, None))
        last = day + timedelta(days=stay.planned) if stay is not None else until
        if last < until:
            found.append((last, visit, day))
    return sorted(found, key=lambda coming: coming[0])


def _record(past: Past, visit: Visit, day: date) -> None:
    """The visit took place on its day; with a reason where the protocol wants another day."""
    go = Go.GO if visit.encounter.gate is not None else None
    by = INVESTIGATOR.name if go is not None else ""
    if _because(visit):
        what = Record(State.OCCURRED, day, go=go, decided_by=by)
        past.act(day, NURSE, records.record, visit.code, what, _because(visit), INVESTIGATOR.name)
    else:
        actor = NURSE if visit.encounter.attended else INVESTIGATOR
        facts = past.facts.occurred(visit.code, day)
        taken_for = past.plan.by_code[visit.anchor].day if go is not None and visit.anchor else None
        past.note(day, actor, "record", facts.taken_for(visit.code, taken_for, go, by) if go is not None else facts)


def _decide(past: Past, visit: Visit, day: date) -> None:
    decision, value = DECIDED.get(visit.code, ("", ""))
    if decision and decision not in past.facts.decisions:
        past.note(day, INVESTIGATOR, "decide", past.facts.decided(decision, value))


def _book_ahead(past: Past, today: date) -> None:
    """Book the patient's next visit, and the others of the days that the story books ahead."""
    story, known, facts = past.story, past.facts, past.facts
    coming = [(v.day, v) for v in past.plan.visits if v.to_come and v.day is not None and v.encounter.attended]
    ahead = sorted((c for c in coming if c[0] > today), key=lambda c: c[0]) if story.ahead else []
    for place, (day, visit) in enumerate(ahead):
        decided = all(condition.decision in known.decisions for condition in visit.encounter.conditions)
        wanted = decided and visit.code not in (*known.visits, *story.left) and day in visit.live
        if wanted and (place == 0 or (day - today).days <= story.ahead):
            facts = _timed(past, facts, visit.code, day)
            soon = (day - today).days <= CALLED
            facts = facts.confirmed(visit.code, yes=True) if soon else facts
    if facts != known:
        past.note(today, NURSE, "book", facts)


def _timed(past: Past, facts: Facts, code: str, day: date) -> Facts:
    """Booked at the first free time of the day, in the first unit with room; by day alone where there is none."""
    start = _first_free(past, facts, code, day)
    if start is None:
        return facts.booked(code, day)
    return facts.booked(code, day, start.at, SITE.zone, start.unit)


def _first_free(past: Past, facts: Facts, code: str, day: date) -> Start | None:
    case = replace(past.case, schedule=cast("Schedule", Noted(facts)))
    free = room_for(at_ten(past.work, day - ONE_DAY, NURSE), case, code, (day, day)).free(day)
    return Start(free[0].at, free[0].units[0]) if free else None


def _turned(past: Past, turn: Turn, day: date) -> None:
    """Do what the turn says; bookings that it may break are given back before."""
    if turn.what is What.REGISTER:
        _register(past, day)
        return
    if turn.what in (What.DEFER, What.OMIT, What.DECIDE):
        _give_back(past, day)
    past.look(day)
    verb, arguments = _verb(past, turn, turn.about or turn.at, day)
    past.act(day, INVESTIGATOR if turn.what in BY_THE_INVESTIGATOR else NURSE, verb, *arguments)


def _register(past: Past, day: date) -> None:
    """The patient is registered: follow-up has a date to count from."""
    past.note(day, INVESTIGATOR, "change_date", past.facts.dated("registration", day))
    past.note(day, INVESTIGATOR, "record", past.facts.occurred("REG", day))
    past.look(day)


def _give_back(past: Past, day: date) -> None:
    """The bookings from that day on are given back: their visits will be planned anew."""
    facts = past.facts
    for code, fact in past.facts.visits.items():
        if fact.state is State.BOOKED and fact.day is not None and fact.day >= day:
            facts = facts.planned(code)
    if facts != past.facts:
        past.note(day, NURSE, "unbook", facts)


def _verb(past: Past, turn: Turn, about: str, day: date) -> tuple[Callable[..., Act], tuple[object, ...]]:
    """The service's verb for the turn, and what it is told."""
    if turn.what in RECORDED:
        state = RECORDED[turn.what]
        return records.record, (about, Record(state, day if state is State.OCCURRED else None), turn.reason)
    if turn.what is What.DECIDE:
        return patients.decide, (about, turn.value, turn.reason)
    if turn.what is What.END:
        return courses.end, (day, Ended(turn.value), turn.reason)
    visit = past.plan.by_code[about]
    later = visit.possible.nearest((visit.day or day) + timedelta(days=turn.days))
    reason = turn.reason or _because(visit)
    how = How(_first_free(past, past.facts, about, later), second=INVESTIGATOR.name)
    return visits.book, (about, later, reason, how)


def _because(visit: Visit) -> str:
    """Why a visit cannot be where the protocol wants it, when nothing else stands in its way."""
    return Cause.CLOSED if any(not broken.accepted for broken in visit.deviations) else ""
