"""Taking saved acts of a patient back, the last one first, and doing them again."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from planner.core.calendar import Because
from planner.core.conflicts import ConflictKind
from planner.core.errors import Refused
from planner.core.explain import Why
from planner.core.facts import Facts, State
from planner.core.overruling import new_conflicts
from planner.core.undo import Clash, redone, undone
from planner.services import payloads
from planner.services.cases import Act, as_seen, save_together
from planner.services.cases import case as find_case
from planner.services.disruption import ACTION
from planner.services.payloads import because, facts_with
from planner.services.schedules import draft
from planner.services.seals import must_be_as_shown, sealed
from planner.services.sites import closed_since
from planner.store import audit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planner.core.conflicts import Conflict
    from planner.core.history import Entry
    from planner.services.cases import Case
    from planner.services.work import Work

UNDO, REDO = "undo", "redo"


@dataclass(frozen=True, slots=True)
class Saved:
    """One saved act: its id, and what it wrote, in order."""

    act: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Stacks:
    """The acts that can be taken back and those that can be done again, the next one last."""

    undo: tuple[Saved, ...]
    redo: tuple[Saved, ...]


def stacks(entries: Iterable[Entry]) -> Stacks:
    """What can be taken back by the writes of a patient, the oldest first; a new act forgets what was taken back."""
    undo: list[Saved] = []
    redo: list[Saved] = []
    for act, written in groupby(entries, lambda entry: entry.act):
        own = tuple(written)
        marks = {entry.entity.partition(":")[0] for entry in own}
        if UNDO in marks and undo:
            redo.append(undo.pop())
        elif REDO in marks and redo:
            undo.append(redo.pop())
        elif "patient" not in marks and marks & payloads.KINDS:
            undo.append(Saved(act, own))
            redo.clear()
    return Stacks(tuple(undo), tuple(redo))


def of_patient(work: Work, public_id: str) -> Stacks:
    """What can be taken back now."""
    return stacks(audit.of_patient(work.session, public_id)[::-1])


def taking(work: Work, case: Case, saved: Saved, verb: str) -> Act:
    """The act that takes a saved one back, or does it again; Refused where the world has moved on.

    What was accepted then is accepted again: it comes back with the days that it was accepted for.
    """
    before, after = (facts_with(case.facts, saved.entries, old=old) for old in (True, False))
    found = (undone if verb == UNDO else redone)(case.facts, before, after)
    if isinstance(found, Clash):
        raise Refused("undo_overtaken", codes=", ".join(sorted({one.code or one.field for one in found.entries})))
    _days_ahead(case, found)
    drafted = draft(case.protocol, found, case.days, case.today)
    clashes = new_conflicts(case.schedule, drafted)
    if verb == UNDO and saved.entries[0].action == ACTION:
        clashes = [clash for clash in clashes if not _waits_again(work, case, saved, clash)]
    if clashes:
        raise Refused("undo_clashes", visit=case.protocol.by_code[clashes[0].visit].name.into("en"))
    return Act(verb, case, drafted, ended_because=because(saved.entries, old=verb == UNDO))


def _waits_again(work: Work, case: Case, saved: Saved, clash: Conflict) -> bool:
    """Whether a booking goes back to a day that was closed when its new day was accepted, which is taken back now."""
    day = next((reason.day for reason in clash.reasons if reason.why is Why.BOOKED), None)
    went = any(entry.entity == f"visit:{clash.visit}" for entry in saved.entries)
    if clash.kind is not ConflictKind.CLOSED or not went or day is None:
        return False
    shut = [reason.closure for reason in clash.reasons if reason.closure is not None]
    away = any(closure.because is Because.ABSENCE for closure in shut)
    code = case.patient.site.code
    return not away and not all(closed_since(work, code, saved.act, day, closure) for closure in shut)


def _days_ahead(case: Case, facts: Facts) -> None:
    """Refused where a booking would come back on a day that is past."""
    for code, fact in facts.visits.items():
        back = fact.state is State.BOOKED and fact != case.facts.visits.get(code)
        if back and fact.day is not None and fact.day < case.today:
            raise Refused("undo_day_past", visit=case.protocol.by_code[code].name.into("en"), day=fact.day)


@dataclass(frozen=True, slots=True)
class Coming:
    """What is taken back, or done again, next: of a patient, and of those with whom that one exchanged times."""

    saved: Saved
    others: tuple[tuple[Case, Saved], ...] = ()

    @property
    def seal(self) -> str:
        """What stands in the form for the act and for the versions of the other patients."""
        return sealed(self.saved.act, [(one.patient.public_id, one.patient.version) for one, _ in self.others])


def coming(work: Work, public_id: str, saved: Saved) -> Coming:
    """The act with what it wrote about other patients."""
    others = (one for one in audit.patients_of(work.session, saved.act) if one != public_id)
    return Coming(saved, tuple((find_case(work, one), _of_act(work, one, saved.act)) for one in others))


def _of_act(work: Work, public_id: str, act: str) -> Saved:
    written = audit.of_patient(work.session, public_id)[::-1]
    return Saved(act, tuple(entry for entry in written if entry.act == act))


def take(  # what a nurse says of it
    work: Work, public_id: str, seen: int, act: str, verb: str, shown: str | None = None
) -> Act:
    """Save that the last act is taken back, or what was taken back last is done again; `act` is the one shown.

    An act on two patients, who exchanged their times, is taken back for both: each has what the other needs. `shown`
    is the seal of what the page showed of both.
    """
    case = as_seen(work, public_id, seen)
    stack = _stack(work, public_id, verb)
    if not stack or stack[-1].act != act:
        raise Refused("undo_not_last")
    found = coming(work, public_id, stack[-1])
    others = [_with_it(work, one.patient.public_id, found.saved, verb) for one, _ in found.others]
    must_be_as_shown(shown, lambda: found.seal)
    taken = [taking(work, case, found.saved, verb), *others]
    save_together(work, tuple(taken), (f"{verb}:{act}", {"action": stack[-1].entries[0].action}))
    return taken[0]


def _stack(work: Work, public_id: str, verb: str) -> tuple[Saved, ...]:
    found = of_patient(work, public_id)
    return found.undo if verb == UNDO else found.redo


def _with_it(work: Work, public_id: str, saved: Saved, verb: str) -> Act:
    """The same for the other patient of the act; Refused where something was saved there since."""
    case, stack = find_case(work, public_id), _stack(work, public_id, verb)
    if not stack or stack[-1].act != saved.act:
        raise Refused("undo_other_overtaken", subject_id=case.patient.subject_id)
    return taking(work, case, stack[-1], verb)
