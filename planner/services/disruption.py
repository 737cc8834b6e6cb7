"""Days or a unit of a site closed over booked visits: who waits for new days, which ones, and saving them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from planner.core.calendar import Because
from planner.core.deviations import WINDOW
from planner.core.disruption import Struck, new_days
from planner.core.errors import NotFound, Refused, Stale
from planner.core.facts import State
from planner.core.staff import Role
from planner.core.units import CELL
from planner.services import cuts
from planner.services.cases import MOST_CASES, WROTE, case, case_of, must_be_open, redrafted, save
from planner.services.resources import capacity, must_be_meant, unit_names
from planner.services.schedules import Memory, calendar_for, draft
from planner.services.seals import sealed
from planner.services.visits import accepted
from planner.store import audit, patients, sites

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date

    from planner.core.cuts import Ground
    from planner.core.disruption import NewDays
    from planner.core.patients import Site
    from planner.services.cases import Act, Case
    from planner.services.cuts import Cut, Shutting
    from planner.services.work import Work

ACTION = "new_days"
"""What the history calls an act that gave a patient new days."""
MOST_FOUND = 8
QUARTER = int(CELL.total_seconds())

_waiting: Memory[tuple[str, ...]] = Memory(MOST_CASES)
_found: Memory[tuple[NewDays, ...]] = Memory(MOST_FOUND)


@dataclass(frozen=True, slots=True)
class Part:
    """One patient's part: the case as it stands, what is hit and proposed, and what stands for these very days."""

    case: Case
    given: NewDays

    @property
    def seal(self) -> str:
        """What stands for the days, times and places proposed in the form that accepts them."""
        facts = self.given.facts
        return sealed([(code, facts.visits.get(code) if facts else None) for code in self.given.changed])

    @property
    def declares(self) -> bool:
        """Whether it is accepted only with a reason."""
        return bool(self.given.declared)

    @property
    def second(self) -> bool:
        """Whether a second person must agree."""
        by_code = self.case.protocol.by_code
        return any(d.rule == WINDOW and by_code[d.visit].two_persons for d in self.given.declared)


@dataclass(frozen=True, slots=True)
class Disruption:
    """What a closure does at a site: a part for each patient hit, those without a legal day first.

    Of one that is only asked for, `cut` are the visits that closing would hit, to be `agreed` to, and `waited` counts
    the bookings that do not stand already. `units`: names by public id.
    """

    site: Site
    parts: tuple[Part, ...]
    units: Mapping[str, str]
    cut: tuple[Cut, ...] = ()
    agreed: str = ""
    waited: int = 0

    @property
    def stuck(self) -> tuple[Part, ...]:
        """The patients with a visit that has no legal day."""
        return tuple(part for part in self.parts if part.given.stuck)

    @property
    def solved(self) -> tuple[Part, ...]:
        """The patients who can be given new days."""
        return tuple(part for part in self.parts if not part.given.stuck)

    @property
    def hit(self) -> int:
        """How many bookings no longer stand."""
        return sum(len(part.given.hit) for part in self.parts)

    @property
    def changing(self) -> int:
        """How many bookings change with what is proposed."""
        return sum(len(part.given.changed) for part in self.solved)

    @property
    def shifting(self) -> int:
        """How many bookings of the same patients shifting everything would change."""
        return sum(len(part.given.shifting) for part in self.solved)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the page showed of one patient: the version, and the seal of the days proposed."""

    version: int
    seal: str


def site_of(work: Work, code: str) -> Site:
    """The site of that code, as far as the actor may see it; an administrator keeps every site."""
    reach = None if work.actor.role is Role.ADMIN else work.actor.reach
    found = next((site for site in sites.every(work.session, reach) if site.code == code), None)
    if found is None:
        raise NotFound("no_such_site")
    return found


def waiting(work: Work, site: Site) -> int:
    """How many booked visits to come of the site stand on closed days, or where their unit is closed."""
    return sum(len(_hit(work, one, ground)) for one, ground in _cases(work, site))


def disruption(work: Work, code: str, shutting: Shutting | None = None) -> Disruption:
    """What all saved closures of the site do to its booked visits; with days that are only asked for, beside these."""
    site = site_of(work, code)
    if shutting is not None:
        must_be_meant(work, site, shutting.closure.first, shutting.closure.last)
        _must_be_there(work, site, shutting)
    cases, found = _given(work, site, shutting)
    result = Disruption(site, tuple(Part(cases[given.key], given) for given in found), unit_names(work, site))
    if shutting is None:
        return result
    cut = cuts.between(work, site, cuts.ground(work, site), cuts.ground(work, site, shutting))
    return replace(result, cut=cut, agreed=cuts.seal(cut), waited=waiting(work, site))


def _must_be_there(work: Work, site: Site, shutting: Shutting) -> None:
    if shutting.unit and shutting.unit not in cuts.ground(work, site).units:
        raise NotFound("no_such_unit")


# ---- who is hit


def _cases(work: Work, site: Site) -> Iterator[tuple[Case, Callable[[], Ground]]]:
    """Every patient of the site, and the ground that bookings stand on now, made once and only where it is asked."""
    found = [case_of(work, patient) for patient in patients.every(work.session, frozenset({site.code}))]
    ground = cache(lambda: cuts.ground(work, site, until=_last_booked(found, work.today(site))))
    for one in found:
        yield one, ground


def _last_booked(found: Sequence[Case], today: date) -> date:
    """The last day from today on for which one of these patients is booked."""
    booked = (fact.day for one in found for _, fact in cuts.ahead(one.protocol, one.facts, today))
    return max((day for day in booked if day is not None), default=today)


def _hit(work: Work, one: Case, ground: Callable[[], Ground]) -> tuple[str, ...]:
    """The patient's bookings that do not stand as the site is now."""
    if work.session.info.get(WROTE):  # not saved yet, perhaps never
        return _against(one, ground())
    return _waiting.get(one.key, lambda: _against(one, ground()))


def _against(one: Case, ground: Ground) -> tuple[str, ...]:
    """The patient's bookings that do not stand on that ground, by the visit that takes the time."""
    return tuple(
        visits[0].code
        for visits, fact in cuts.ahead(one.protocol, one.facts, one.today)
        if one.schedule.by_code[visits[0].code].state is State.BOOKED and ground.against(fact, *visits)
    )


def _all_hit(work: Work, site: Site, shutting: Shutting | None) -> Iterator[tuple[Case, tuple[str, ...]]]:
    """The patients with bookings that do not stand, or would not with what is asked for, and these bookings."""
    then = cuts.ground(work, site, shutting) if shutting is not None else None
    for one, ground in _cases(work, site):
        found = _against(one, then) if then is not None else _hit(work, one, ground)
        if found:
            yield one, found


def _given(work: Work, site: Site, shutting: Shutting | None) -> tuple[dict[str, Case], tuple[NewDays, ...]]:
    """The cases hit by subject number, and their new days, remembered while nothing that they come from changed."""
    hit = tuple(_all_hit(work, site, shutting))
    cases = {one.patient.subject_id: one for one, _ in hit}

    def made() -> tuple[NewDays, ...]:
        offered = replace(capacity(work, site), now=datetime.fromtimestamp(quarter * QUARTER, UTC))
        if shutting is not None:
            closed = () if shutting.unit else (shutting.closure,)
            offered = replace(offered, units=shutting.units(offered.units), shut=(*offered.shut, *closed))
        return new_days((_struck(one, codes, shutting) for one, codes in hit), offered)

    quarter = -int(-work.now.timestamp() // QUARTER)  # nothing is booked before now: what comes next is the same
    if work.session.info.get(WROTE):
        return cases, made()
    versions = tuple((one.public_id, one.version) for one in patients.every(work.session, frozenset({site.code})))
    return cases, _found.get((site, shutting, quarter, versions), made)


def _struck(one: Case, hit: tuple[str, ...], shutting: Shutting | None) -> Struck:
    """The patient on the calendar without the closures of the days hit, and on the one from now on.

    So what is asked for and what is saved already are answered alike.
    """
    then = shutting.days(one.days) if shutting is not None else one.days
    days = [fact.day for code in hit if (fact := one.facts.visits[code]).day is not None]
    kept = tuple(c for c in then.closures if c.because is not Because.CLOSURE or not any(day in c for day in days))
    without = replace(then, closures=kept)
    before = one.schedule if without == one.days else draft(one.protocol, one.facts, without, one.today)
    return Struck(one.patient.subject_id, before, calendar_for(one.protocol, one.facts, then, one.today), hit)


# ---- accepting


def accept(work: Work, code: str, chosen: Mapping[str, Seen], reason: str = "", second: str = "") -> tuple[Act, ...]:
    """Save the new days of these patients (public id to what was seen), each as one act of its own, or none of them.

    Stale names a patient of whom something was saved since, or for whom other days are proposed now.
    """
    if not chosen:
        raise Refused("patients_needed")
    parts = {part.case.patient.public_id: part for part in disruption(work, code).parts}
    for public_id, seen in chosen.items():
        _as_seen(work, public_id, parts.get(public_id), seen)
    wanted = [part for public_id, part in parts.items() if public_id in chosen]
    _may_be_saved(wanted, reason, second)
    acts = [_accepting(part, reason, second) for part in wanted]
    return tuple(save(work, act) for act in acts)


def _as_seen(work: Work, public_id: str, part: Part | None, seen: Seen) -> None:
    """Stale where the page showed something else."""
    known = part.case if part is not None else case(work, public_id)
    if part is not None and part.seal == seen.seal and known.patient.version == seen.version:
        return
    patient = known.patient.subject_id
    if known.patient.version != seen.version:
        who = audit.last_act_of(work.session, public_id) or "Somebody else"
        raise Stale("one_of_many_changed", who=who, patient=patient)
    if part is None:
        raise Stale("new_days_given", patient=patient)
    raise Stale("new_days_changed", patient=patient)


def _may_be_saved(parts: Sequence[Part], reason: str, second: str) -> None:
    """Refused, with the patients' numbers, where there is no legal day or something asked for is missing."""
    for part in parts:
        must_be_open(part.case)
        if part.given.stuck:
            raise Refused("no_new_days", patient=part.case.patient.subject_id)
    declaring = tuple(part.case.patient.subject_id for part in parts if part.declares)
    if declaring and not reason:
        raise Refused("reason_for_many_needed", patients=declaring)
    agreeing = tuple(part.case.patient.subject_id for part in parts if part.second)
    if agreeing and not second:
        raise Refused("second_person_for_many_needed", patients=agreeing)


def _accepting(part: Part, reason: str, second: str) -> Act:
    after = redrafted(part.case, part.given.facts or part.case.facts)
    return accepted(part.case, ACTION, part.given.proposal.asked, after, reason, second)
