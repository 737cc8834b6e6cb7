"""Long lives of two patients at one ward: any act after any other, and what must be true after each of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from planner.core.calendar import Because, Closure
from planner.core.errors import Refused, Stale
from planner.core.facts import Facts, Go, State
from planner.core.moves import Scope
from planner.core.patients import Ended, Site
from planner.core.staff import COMMAND_LINE, Actor, Role
from planner.core.units import Hours, Unit, kind_of
from planner.protocols.reader import read
from planner.services import (
    attendances,
    cases,
    courses,
    disruption,
    patients,
    records,
    replanning,
    resources,
    sites,
    swapping,
    undoing,
    visits,
)
from planner.services.disruption import Seen
from planner.services.records import Record
from planner.services.replanning import Asked, Verb
from planner.services.schedules import draft
from planner.services.swapping import Other
from planner.services.undoing import REDO, UNDO
from planner.services.visits import How, Start
from tests.booked import broken_absolutely, cells_kept, cells_wanted, facts_known, faults, hold
from tests.rules import newly_broken, on_closed_days, silently_broken
from tests.tampering import emptied

from .conftest import INVESTIGATOR, NURSE, SHRINK, wanted

if TYPE_CHECKING:
    from planner.core.schedule import Schedule
    from planner.services.cases import Case
    from planner.services.resources import SiteDays

ADMIN = Actor("adam", "Adam Maes", Role.ADMIN)
WEEK = tuple(Hours(weekday, time(8), time(18)) for weekday in range(5))
BEGINS = datetime(2025, 2, 24, 9, tzinfo=UTC)
"""Monday of the week before Day 1 of both patients."""

BRIEF = read(Path(__file__).parents[1] / "protocols" / "brief.toml")
"""A study with everything that SHRINK has, of which a plan takes no time."""

STEPS = 12


@dataclass(frozen=True)
class Study:
    """What both patients follow, when each was registered, and how many days ahead a visit may be wished for."""

    protocol: tuple[str, str]
    registered: tuple[date, date]
    reach: int


ON_SHRINK = Study(SHRINK, (date(2025, 2, 24), date(2025, 1, 27)), 90)  # of one of them month 7 meets day 60
ON_BRIEF = Study((BRIEF.id, BRIEF.version), (date(2025, 2, 24), date(2025, 2, 17)), 40)


@dataclass
class Past:
    """The acts of a patient that can be taken back and done again, the next one last: the facts before and after."""

    undo: list[tuple[Facts, Facts]] = field(default_factory=list)
    redo: list[tuple[Facts, Facts]] = field(default_factory=list)


class Nothing(Exception):  # no error: the life goes on
    """There is nothing to which the act could be done."""


def same(one, other):
    """Whether two facts say the same; in which order deviations were accepted makes no difference."""
    accepted = (sorted(map(repr, facts.accepted)) for facts in (one, other))
    return replace(one, accepted=()) == replace(other, accepted=()) and len({*map(tuple, accepted)}) == 1


def deviating(schedule):
    """Every deviation, whether somebody gave a reason or not."""
    return unsaid(deviation for visit in schedule.visits for deviation in visit.deviations)


def unsaid(deviations):
    """What is deviated from and by how many days, without the reason."""
    return {(deviation.visit, deviation.rule, deviation.days) for deviation in deviations}


def rebooked(old, new):
    """The visits that are booked on another day, no longer, or only now."""

    def days(facts):
        return {code: fact.day for code, fact in facts.visits.items() if fact.state is State.BOOKED}

    return {code for code, _ in days(old).items() ^ days(new).items()}


@dataclass
class Life:
    """Two patients at a ward with one unit of each kind; their facts as they stand, and what was done so far."""

    office: object
    clock: object
    study: Study
    random: Random
    ids: list[str]
    facts: dict[str, Facts] = field(init=False)
    past: dict[str, Past] = field(init=False)
    days: SiteDays = field(init=False)
    done: list[str] = field(default_factory=list)
    read: dict[str, Case] = field(default_factory=dict)
    seen: dict[str, Schedule] = field(default_factory=dict)

    def __post_init__(self):
        self.facts, self.past = self.saved(), {who: Past() for who in self.ids}
        self.ward_changed()

    def saved(self):
        """The facts of each patient as the tables have them."""
        with self.office.look(COMMAND_LINE) as work:
            return facts_known(work)

    def case(self, who):
        """The patient's case, read once while nothing is saved and the clock stands."""
        if who not in self.read:
            with self.office.look(COMMAND_LINE) as work:
                self.read[who] = cases.case(work, who)
        return self.read[who]

    def wait_until(self, day):
        """The evening of that day, unless it is later."""
        self.clock.now = max(self.clock.now, datetime.combine(day, time(20), UTC))
        self.read.clear()

    def ward_changed(self):
        """Nobody is ever away here: the days of the site are those of both patients."""
        self.read.clear()
        with self.office.look(COMMAND_LINE) as work:
            (site,) = sites.every(work)
            self.days = resources.site_days(work, site)

    def one_of(self, those):
        those = list(those)
        if not those:
            raise Nothing
        return self.random.choice(those)

    # ---- one step

    def step(self):
        """Any act on any of the two; one that is refused leaves everything as it was."""
        who, name = self.random.choice(self.ids), self.random.choice(ACTS)
        try:
            getattr(self, name)(who)
        except (Refused, Stale, Nothing):
            assert self.saved() == self.facts
        else:
            self.done.append(name)

    def act(self, verb, who, *arguments, moving=(), by=NURSE):
        """Do it as a person who has just read the page; `moving` names the visits whose booking it may change.

        Returns the act that was saved. Nothing was saved but what it shows, and no booking changed that was not named.
        """
        before, patient = dict(self.facts), self.case(who).patient
        with self.office.begin(by) as work:
            act = verb(work, who, patient.version, *arguments)
        self.facts = self.saved()
        self.read.clear()
        assert same(act.after.facts, self.facts[who])
        assert rebooked(before[who], self.facts[who]) <= {*moving}
        assert {**before, who: self.facts[who]} == self.facts
        if verb is not undoing.take:
            self.past[who].undo.append((before[who], self.facts[who]))
            self.past[who].redo.clear()
        return act

    def planned_act(self, verb, who, *arguments, moving=(), by=NURSE):
        """An act that a person plans, so that it never gives up an absolute rule for what lies ahead."""
        before = broken_absolutely(self.case(who))
        act = self.act(verb, who, *arguments, moving=moving, by=by)
        assert broken_absolutely(self.case(who)) <= before
        return act

    def looked_at(self):
        """What must be true at any time; of a schedule that was looked at before, nothing is asked twice."""
        with self.office.look(COMMAND_LINE) as work:
            assert cells_kept(work) == cells_wanted(work, self.facts)
        for who in self.ids:
            case = self.case(who)
            if case.schedule is not self.seen.get(who):
                self._schedule_looked_at(case)
            assert case.days == self.days
            self.seen[who] = case.schedule

    def _schedule_looked_at(self, case):
        """It is the plan of what the tables say, on the site's calendar, and keeps every rule."""
        assert same(case.facts, self.facts[case.patient.public_id])
        assert case.schedule == draft(case.protocol, case.facts, self.days, case.today)
        assert list(faults(case)) == []
        assert silently_broken(case.schedule) == []
        suggested = [v.code for v in case.schedule.visits if v.suggested and v.code not in case.protocol.pinned]
        assert on_closed_days(case.schedule, suggested) == []

    # ---- bookings

    def book(self, who):
        case = self.case(who)
        self._book(case, self.one_of(v.code for v in case.schedule.visits if v.to_come and v.live))

    def move(self, who):
        case = self.case(who)
        self._book(case, self.one_of(v.code for v in case.schedule.visits if v.state is State.BOOKED))

    def _book(self, case, code):
        """Mostly on a day that is possible, at a time that is free; now and then on any day, at any hour."""
        days = list(case.schedule.by_code[code].live)
        day = self.random.choice(days[: self.random.choice((3, 40))]) if days else case.today
        if self.random.random() < 0.2:
            day += timedelta(days=self.random.randrange(-9, 10))
        by = self.random.choice((NURSE, INVESTIGATOR))
        how = How(self._start(case, code, day), second="Ines Maes")
        who, moving = case.patient.public_id, case.facts.attendance(code)
        self.planned_act(visits.book, who, code, day, "low blood counts", how, moving=moving, by=by)

    def _start(self, case, code, day):
        with self.office.look(NURSE) as work:
            free = resources.room_for(work, case, code, (day, day)).free(day)
        return Start(self.random.choice(free).at if free and self.random.random() < 0.9 else self._any_hour())

    def _any_hour(self):
        return time(self.random.randrange(24))

    def take_back(self, who):
        code = self.one_of(self.facts[who].visits)
        self.act(visits.take_back, who, code, "entered by mistake", moving=self.facts[who].attendance(code))

    def add(self, who):
        """As needed: ahead it is booked, before today it took place."""
        case = self.case(who)
        code = self.one_of(encounter.code for encounter in visits.as_needed(case))
        day = case.today + timedelta(days=self.random.randrange(-3, 12))
        self.act(visits.add, who, code, day, How(self._start(case, code, day)), moving=[code])

    def confirm(self, who):
        code = self.one_of(v.code for v in self.case(who).schedule.visits if v.booked)
        yes = self.random.random() < 0.7
        self.act(partial(attendances.confirm, yes=yes), who, code)

    # ---- what happened

    def record(self, who):
        """Mostly the next visit on its own day, to which the clock goes on."""
        coming = [v for v in self.case(who).schedule.visits if v.to_come and v.day is not None]
        visit = self.one_of(sorted(coming, key=lambda v: v.day)[:3])
        self._record(who, visit, visit.day + timedelta(days=self.random.choice((0, 0, 0, 1, -1))))

    def _record(self, who, visit, day):
        self.wait_until(day)
        go = self.random.choice((None, Go.GO, Go.NO_GO)) if visit.encounter.gate else None
        what = Record(State.OCCURRED, day, go=go, decided_by="Dr Maes" if go else "")
        moving = self.facts[who].attendance(visit.code)
        self.act(records.record, who, visit.code, what, "as it came", "Ines Maes", moving=moving)

    def gate(self, who):
        """A word that was missing, or another one."""
        code = self.one_of(v.code for v in self.case(who).schedule.visits if v.encounter.gate and v.occurred)
        go = self.random.choice((Go.GO, Go.NO_GO))
        self.act(records.decide, who, code, go, "Dr Maes", "looked at again")

    def repeat(self, who):
        """Mostly of the first bloods, to which the clock goes on."""
        bloods = next(v for v in self.case(who).schedule.visits if v.encounter.gate)
        if bloods.to_come and bloods.day is not None:
            self._record(who, bloods, bloods.day)
        case = self.case(who)
        code = self.one_of(v.code for v in case.schedule.visits if v.occurred and attendances.repeat_of(case, v.code))
        again = self.random.random() < 0.7
        self.act(partial(attendances.repeat, again=again), who, code, "too old")

    def lose(self, who):
        code = self.one_of(v.code for v in self.case(who).schedule.visits if v.to_come)
        state = self.random.choice((State.MISSED, State.CANCELED))
        moving = self.facts[who].attendance(code)
        self.act(records.record, who, code, Record(state), "the patient's wish", moving=moving)

    # ---- two in one

    def combine(self, who):
        """Mostly the two that the protocol names."""
        guest = next(e for e in self.case(who).protocol.encounters if e.joins)
        host = self.random.choice((*guest.joins * 3, self.random.choice(self.case(who).protocol.encounters).code))
        moving = (guest.code, host)
        self.planned_act(attendances.combine, who, guest.code, host, "the patient's wish", moving=moving)

    def separate(self, who):
        if not self.facts[who].together:
            self.combine(who)
        guest = self.one_of(self.facts[who].together)
        self.act(attendances.separate, who, guest, moving=[guest])

    # ---- the whole plan

    def replan(self, who):
        """A visit put off, moved or omitted, or its phase stopped; the other bookings stay, or move where they must."""
        case, random = self.case(who), self.random
        verb = random.choice((Verb.DEFER, Verb.DEFER, Verb.MOVE, Verb.OMIT, Verb.STOP))
        code = self.one_of(v.code for v in case.schedule.visits if v.to_come)
        day = case.today + timedelta(days=random.randrange(self.study.reach)) if verb is Verb.MOVE else None
        days = random.choice((1, 7, 14)) if day is None else None
        scope, keep = random.choice(list(Scope)), random.random() < 0.3
        asked = Asked(verb, code, days=days, day=day, scope=scope, keep=keep)
        said = (asked, "low blood counts", "Ines Maes")
        with self.office.look(NURSE) as work:
            shown = replanning.replanning(work, case, *said)
        act = (self.act if keep else self.planned_act)(
            replanning.replan, who, *said, moving=[line.code for line in shown.proposal.lines]
        )
        after = self.case(who).schedule
        assert (shown.act.after, shown.act.after.facts) == (act.after, act.after.facts)
        self._as_told(shown.proposal, case.schedule, after)
        assert {line.code: line.new for line in shown.proposal.lines if line.code in after.by_code} == {
            line.code: after.by_code[line.code].day for line in shown.proposal.lines if line.code in after.by_code
        }
        if not keep:
            assert newly_broken(case.schedule, after) == set()
            booked = {code for code, fact in self.facts[who].visits.items() if fact.state is State.BOOKED}
            assert on_closed_days(after, rebooked(case.facts, self.facts[who]) & booked) == []

    def _as_told(self, told, before, after):
        """What clashes now and did not is what the preview told; so is every deviation, by its days."""
        assert told.after.conflicts == after.conflicts
        assert {clash for clash in after.conflicts if clash not in before.conflicts} >= {*told.conflicts}
        assert deviating(told.after) == deviating(after)
        silent = [d for visit in after.visits for d in visit.deviations if not d.accepted]
        assert unsaid(silent) <= unsaid(told.expected) | unsaid(d for v in before.visits for d in v.deviations)

    def swap(self, who):
        """With a booking of the other patient that is offered, as both pages show it; both are told the same act."""
        (other,) = {*self.ids} - {who}
        case = self.case(who)
        with self.office.look(NURSE) as work:
            codes = [visit.code for visit in case.schedule.visits if visit.booked is not None]
            pairs = [(code, slot) for code in codes for slot in swapping.offered(work, case, code)]
        code, slot = self.one_of(pairs)
        chosen = Other(other, slot.visit.code, self.case(other).patient.version)
        said = (code, chosen, "no room on the ward", "Ines Maes")
        with self.office.look(NURSE) as work:
            shown = swapping.swapping(work, case, *said)
        was = {one: self.case(one).schedule for one in self.ids}
        self._for_both(lambda work: swapping.swap(work, who, case.patient.version, *said))
        for half in shown.halves:
            self._as_told(
                half.proposal, was[half.case.patient.public_id], self.case(half.case.patient.public_id).schedule
            )

    def _for_both(self, verb):
        """What changes both patients, or one of the two: each can take it back."""
        before = dict(self.facts)
        with self.office.begin(NURSE) as work:
            verb(work)
        self.facts = self.saved()
        self.read.clear()
        for one in self.ids:
            if not same(before[one], self.facts[one]):
                self.past[one].undo.append((before[one], self.facts[one]))
                self.past[one].redo.clear()

    def accept(self, _who):
        """Every new day that the closures of the site ask for, at the days and times that the page shows."""
        with self.office.look(NURSE) as work:
            parts = disruption.disruption(work, "01").solved
        parts = [part for part in parts if part.case.patient.ended is None]
        self.one_of(parts)
        seen = {part.case.patient.public_id: Seen(part.case.patient.version, part.seal) for part in parts}
        self._for_both(lambda work: disruption.accept(work, "01", seen, "the ward is closed", "Ines Maes"))
        for part in parts:
            after = self.case(part.case.patient.public_id)
            assert same(replace(after.facts, accepted=()), replace(part.given.facts, accepted=()))
            declared = unsaid(part.given.declared)
            assert declared <= {
                (d.visit, d.rule, d.days) for v in after.schedule.visits for d in v.deviations if d.accepted
            }

    def restart(self, who):
        """A date that others count from, Day 1 for one, on another day."""
        name, day = self.one_of(self.facts[who].dates.items())
        day += timedelta(days=self.random.randrange(-7, 15))
        said = (name, day, "the patient's wish", "Ines Maes")
        with self.office.look(NURSE) as work:
            shown = courses.redating(work, self.case(who), *said)
        self.act(courses.redate, who, *said, moving=[line.code for line in shown.proposal.lines])

    def decide(self, who):
        decision = self.one_of(self.case(who).protocol.decisions)
        value = self.random.choice(decision.values)
        self.act(patients.decide, who, decision.code, value, "decided by the board")

    def end(self, who):
        """Whose booking lies ahead gives it back."""
        day = self.case(who).today - timedelta(days=self.random.randrange(3))
        ahead = [code for code, fact in self.facts[who].visits.items() if fact.waits_in_unit(day)]
        moving = {one for code in ahead for one in self.facts[who].attendance(code)}
        self.act(courses.end, who, day, Ended.WITHDRAWAL, "moved away", moving=moving)

    def resume(self, who):
        self.act(courses.reopen, who, "entered by mistake")

    # ---- back and forth

    def undo(self, who):
        self._take(who, UNDO)

    def redo(self, who):
        if not self.past[who].redo:
            self._take(who, UNDO)
        self._take(who, REDO)

    def _take(self, who, verb):
        """The facts are exactly those of before, or of after."""
        past = self.past[who]
        with self.office.look(NURSE) as work:
            found = undoing.of_patient(work, who)
        assert (len(found.undo), len(found.redo)) == (len(past.undo), len(past.redo))
        here, there, shown = (past.undo, past.redo, found.undo)
        if verb == REDO:
            here, there, shown = (past.redo, past.undo, found.redo)
        old, new = self.one_of(here[-1:])
        if shown[-1].entries[0].action == "swap":
            self._take_both(who, shown[-1].act, verb)
            return
        self.planned_act(undoing.take, who, shown[-1].act, verb, moving=rebooked(old, new))
        there.append(here.pop())
        assert same(self.facts[who], old if verb == UNDO else new)

    def _take_both(self, who, act, verb):
        """An exchange goes back, or is made again, for both."""
        with self.office.begin(NURSE) as work:
            undoing.take(work, who, self.case(who).patient.version, act, verb)
        self.facts = self.saved()
        self.read.clear()
        for one, past in self.past.items():
            here, there = (past.undo, past.redo) if verb == UNDO else (past.redo, past.undo)
            old, new = here.pop()
            there.append((old, new))
            assert same(self.facts[one], old if verb == UNDO else new)

    # ---- the ward

    def close(self, who):
        """A day on which something is booked, if there is one: the booking stays, and becomes a conflict."""
        booked = [f.day for f in self.facts[who].visits.values() if f.state is State.BOOKED]
        day = self.random.choice(booked or [self.case(who).today])
        kind = self.random.choice(((), ("chair",), ("clinic",)))
        self._at_the_ward(lambda work: sites.close(work, "01", Closure(day, day, Because.CLOSURE, "works", kind)))

    def open_again(self, _who):
        self._at_the_ward(lambda work: sites.reopen(work, "01", self.one_of(sites.ward(work, "01").closures)[0]))

    def _at_the_ward(self, verb):
        """It moves nobody."""
        with self.office.begin(ADMIN) as work:
            verb(work)
        self.ward_changed()
        assert self.saved() == self.facts


ACTS = (
    *["book"] * 5,
    *["move"] * 2,
    "take_back",
    "add",
    "confirm",
    *["record"] * 3,
    *["gate"] * 3,
    "repeat",
    "lose",
    *["combine"] * 2,
    "separate",
    *["replan"] * 4,
    "restart",
    "decide",
    "end",
    *["resume"] * 4,
    *["undo"] * 3,
    *["redo"] * 2,
    *["swap"] * 2,
    *["close"] * 2,
    *["accept"] * 2,
    "open_again",
)


def lived(office, clock, study, seed):
    """One random sequence from an empty ward, looked at after each step; what of it was saved."""
    emptied(office.database)
    clock.now = BEGINS
    life = Life(office, clock, study, Random(seed), enrolled(office, study))
    try:
        for _ in range(STEPS):
            life.step()
            life.looked_at()
        with office.look(COMMAND_LINE) as work:
            hold(work)
    except Exception as error:
        error.add_note(f"{study.protocol[0]}, seed {seed}, after {', '.join(life.done)}")
        raise
    return life.done


def enrolled(office, study):
    """The two patients, at a ward that has one unit of each kind that their protocol needs."""
    kinds = {kind_of(encounter) for encounter in office.library.find(study.protocol).encounters} - {None}
    with office.begin(COMMAND_LINE) as work:
        sites.add(work, Site("01", "Brussels", "Europe/Brussels", "BE", weekends_closed=True))
        for kind in sorted(kinds):
            sites.add_unit(work, "01", Unit("", kind, kind.title(), WEEK))
    with office.begin(NURSE) as work:
        asked = [
            wanted(subject_id=f"01-00{number}", protocol=study.protocol, registration=day)
            for number, day in enumerate(study.registered, 1)
        ]
        return [patients.enrol(work, one).public_id for one in asked]
