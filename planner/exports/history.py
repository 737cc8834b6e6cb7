"""The audit trail as sentences, one act after another. English only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from itertools import groupby
from typing import TYPE_CHECKING

from planner.exports.agenda import NO_NAMES, clock
from planner.exports.naming import name
from planner.exports.words import staff_day, staff_days

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from planner.core.history import Entry
    from planner.core.protocol import Protocol


@dataclass(frozen=True, slots=True)
class Told:
    """One saved act: when (UTC), by whom, what it did as sentences, and why."""

    at: datetime
    actor: str
    sentences: tuple[str, ...]
    reason: str


def told(protocol: Protocol, entries: Iterable[Entry], units: Mapping[str, str] = NO_NAMES) -> tuple[Told, ...]:
    """The acts, in the order of their entries; `units` are names of units by their public ids."""
    acts = (list(group) for _, group in groupby(entries, key=lambda entry: entry.act))
    return tuple(
        Told(act[0].at, act[0].actor, tuple(sentence(protocol, entry, units) for entry in reversed(act)), act[0].reason)
        for act in acts
    )


def sentence(protocol: Protocol, entry: Entry, units: Mapping[str, str] = NO_NAMES) -> str:
    """One write in words; a unit whose name is not among `units` is left out."""
    kind, _, code = entry.entity.partition(":")
    if kind not in KINDS:
        return f"Changed {entry.entity}."
    old, new = (_with_name(found or {}, units) for found in (entry.old, entry.new))
    return f"{KINDS[kind](protocol, code, old, new)}."


def _with_name(found: Values, units: Mapping[str, str]) -> Values:
    """The saved value with the name of its unit in place of the id."""
    return found | {"unit": units.get(str(found["unit"]))} if "unit" in found else found


Values = dict[str, str | int | bool | None]


def _patient(_protocol: Protocol, _code: str, _old: Values, new: Values) -> str:
    return (
        f"Enrolled patient {new['subject_id']}: dose level {new['dose_level']}, {new['phase']}, site {new['site']}, "
        f"protocol {new['protocol']}"
    )


def _date(protocol: Protocol, code: str, old: Values, new: Values) -> str:
    who = name(protocol, code)
    if not old:
        return f"Set {who} to {_day(new)}"
    return f"Moved {who} from {_day(old)} to {_day(new)}" if new else f"Took back {who}, {_day(old)}"


def _visit(protocol: Protocol, code: str, old: Values, new: Values) -> str:
    who, was, becomes = name(protocol, code), old.get("state"), new.get("state")
    if becomes == was:
        return _visit_again(who, old, new)
    if becomes == "booked":
        return f"Booked {who} on {_start(new)}"
    if becomes == "occurred":
        return f"Recorded that {who} took place, {_day(new)}{_said(new)}"
    if becomes == "missed":
        return f"Recorded that the patient did not come to {who}"
    if becomes == "canceled":
        return f"Recorded that {who} is omitted"
    return f"Gave back the booking of {who} on {_start(old)}" if was == "booked" else f"Took back the record of {who}"


def _visit_again(who: str, old: Values, new: Values) -> str:
    """A booking that stays one, or a record."""
    if new.get("state") == "booked":
        if _same(old, new, "day", "at", "unit"):
            return f"The patient {'confirmed' if new.get('confirmed') else 'no longer confirms'} {who}, {_start(new)}"
        return f"Moved the booking of {who} from {_start(old)} to {_start(new)}"
    if not _same(old, new, "again"):
        return f"{who} is to be repeated" if new.get("again") else f"{who} need not be repeated any more"
    return f"Recorded that {who} took place, {_day(new)}{_said(new)}"


def _same(old: Values, new: Values, *names: str) -> bool:
    return all(old.get(name) == new.get(name) for name in names)


def _said(found: Values) -> str:
    """What a person decided with a visit that took place."""
    if "go" not in found:
        return ""
    return f": {GO[str(found['go'])]}, decided by {found.get('decided_by') or 'nobody named'}"


def _together(protocol: Protocol, code: str, old: Values, new: Values) -> str:
    who = name(protocol, code)
    if new:
        return f"Combined {who} with {name(protocol, str(new['with']))} in one attendance"
    return f"Separated {who} from {name(protocol, str(old['with']))}"


def _decision(protocol: Protocol, code: str, old: Values, new: Values) -> str:
    words = next((d.name.into("en") for d in protocol.decisions if d.code == code), code)
    before = f", before: {old['value']}" if old else ""
    return f"Decided {words}: {new.get('value', 'open again')}{before}"


def _acceptance(protocol: Protocol, code: str, old: Values, new: Values) -> str:
    rule = (new or old)["rule"]
    what = "its window" if rule == "window" else f"the rule {rule}"
    done = "Accepted a deviation of" if new else "Withdrew the accepted deviation of"
    return f"{done} {name(protocol, code)} from {what}"


def _study(_protocol: Protocol, _code: str, old: Values, new: Values) -> str:
    if not new:
        return f"Took back the end of the study, {staff_day(date.fromisoformat(str(old['ended'])))}"
    because = str(new["because"]).replace("_", " ")
    return f"Ended the study for the patient on {staff_day(date.fromisoformat(str(new['ended'])))}: {because}"


def _contact(_protocol: Protocol, _code: str, _old: Values, new: Values) -> str:
    return f"Changed how the patient is reached: {new['changed']}"


def _wishes(_protocol: Protocol, _code: str, old: Values, new: Values) -> str:
    """Only what differs; a wish that is not among the values is none."""
    differs = (name for name in WISHES if old.get(name) != new.get(name))
    said = (f"{WISHES[name]}: {WISHED.get(new.get(name), 'no')}" for name in differs)
    return f"Wrote down what the patient agrees to: {', '.join(said)}"


def _feed(_protocol: Protocol, _code: str, _old: Values, new: Values) -> str:
    return {
        "made": "Made a calendar feed for the patient",
        "renewed": "Gave the patient's calendar feed a new address",
    }.get(str(new["what"]), "Revoked the patient's calendar feed")


def _page(protocol: Protocol, code: str, _old: Values, new: Values) -> str:
    who = name(protocol, code) if code else ""
    return {
        "opened": "The patient opened their own page",
        "seen": f"The patient has seen {who}",
        "call": f"The patient asks to be called about {who}",
    }.get(str(new["what"]), f"Called the patient about {who}")


def _told(protocol: Protocol, code: str, _old: Values, new: Values) -> str:
    day = staff_day(date.fromisoformat(str(new["day"])))
    why = f"the {new['kind']} could not be delivered" if "kind" in new else "their calendar still showed it"
    return f"Told the patient by telephone of {name(protocol, code)} on {day}: {why}"


def _instant(protocol: Protocol, code: str, old: Values, new: Values) -> str:
    booked = f"{name(protocol, code)} on {_start(new)} ({new['zone']})"
    return f"New time-zone rules: {booked} is at {new['utc']} UTC, before: {old['utc']} UTC"


def _absence(_protocol: Protocol, _code: str, old: Values, new: Values) -> str:
    return f"{'Noted' if new else 'Took back'} that the patient is away, {run_of(new or old)}"


def _export(_protocol: Protocol, code: str, _old: Values, new: Values) -> str:
    part = f" ({new['kind']}): {new['rows']} lines, {new['sought']}" if "sought" in new else ""
    return f"Took away the patient's {FILES.get(code, code)}{part}"


def _start(found: Values) -> str:
    """The day of a saved booking, with the time and the name of the unit where it has them."""
    at = f" at {clock(time.fromisoformat(str(found['at'])))}" if found.get("at") else ""
    return f"{_day(found)}{at}{', ' if found.get('unit') else ''}{found.get('unit') or ''}"


def run_of(found: Mapping[str, object]) -> str:
    """The days of a saved closure or absence."""
    first, last = (date.fromisoformat(str(found[edge])) for edge in ("first", "last"))
    return staff_days(first, last) if first != last else staff_day(first)


def _day(found: Values) -> str:
    """The day of a saved value, with the last one of a stay."""
    if found.get("day") is None:
        return "no day"
    first = date.fromisoformat(str(found["day"]))
    return staff_days(first, date.fromisoformat(str(found["end"]))) if found.get("end") else staff_day(first)


FILES = {
    "ics": "calendar file",
    "pdf": "printed schedule",
    "sheet": "fridge sheet",
    "binder": "printed schedule, in a binder",
    "deviations": "deviation log",
}


def _undo(_protocol: Protocol, _code: str, _old: Values, new: Values) -> str:
    return f"Took back what was saved before ({str(new['action']).replace('_', ' ')})"


def _redo(_protocol: Protocol, _code: str, _old: Values, new: Values) -> str:
    return f"Did again what was taken back ({str(new['action']).replace('_', ' ')})"


WISHES = {
    "mail": "mail",
    "feed": "calendar feed",
    "page": "page of their own",
    "alarm": "alarm",
    "reminder": "reminder",
    "open_days": "what is still to be arranged",
}
WISHED: dict[object, str] = {"minimal": "an appointment only", "standard": "with its neutral title", True: "yes"}
GO = {"go": "GO", "no_go": "NO-GO"}
KINDS: dict[str, Callable[[Protocol, str, Values, Values], str]] = {
    "patient": _patient,
    "date": _date,
    "visit": _visit,
    "decision": _decision,
    "acceptance": _acceptance,
    "together": _together,
    "undo": _undo,
    "redo": _redo,
    "study": _study,
    "contact": _contact,
    "wishes": _wishes,
    "feed": _feed,
    "page": _page,
    "export": _export,
    "absence": _absence,
    "told": _told,
    "instant": _instant,
}
