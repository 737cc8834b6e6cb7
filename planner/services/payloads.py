"""What the history keeps of each fact, and the facts that an act changed as they were before or after it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from typing import TYPE_CHECKING

from planner.core.facts import Acceptance, Fact, Go, State
from planner.core.patients import Ended

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planner.core.facts import Facts
    from planner.core.history import Entry, Payload

FIELDS = {"date": "dates", "visit": "visits", "decision": "decisions", "together": "together"}
"""Kinds of entries by the field of `Facts` that they change."""

KINDS = frozenset({*FIELDS, "acceptance", "study"})
"""Kinds of entries that change facts."""


def of_end(day: date | None, because: Ended | None) -> Payload:
    """The end of the study for a patient."""
    return None if day is None or because is None else {"ended": day.isoformat(), "because": because.value}


def of_day(day: date | None) -> Payload:
    """A named date."""
    return None if day is None else {"day": day.isoformat()}


def of_value(value: str | None) -> Payload:
    """A decision."""
    return None if value is None else {"value": value}


def of_host(host: str | None) -> Payload:
    """The visit whose attendance fulfils another one too."""
    return None if host is None else {"with": host}


def of_acceptance(accepted: Acceptance) -> Payload:
    """A break of the plan that a person accepted."""
    told: dict[str, str | int | bool | None] = {"rule": accepted.rule, "reason": accepted.reason}
    return told | ({"second": accepted.second} if accepted.second else {})


def of_fact(fact: Fact | None) -> Payload:
    """What is known of a visit; `later` for the second of two equal times."""
    if fact is None:
        return None
    told = {"state": fact.state.value, "day": fact.day, "at": fact.at, "zone": fact.zone, "end": fact.end}
    told |= {"unit": fact.unit, "go": fact.go, "decided_by": fact.decided_by or None, "taken_for": fact.taken_for}
    said = {name: str(value) for name, value in told.items() if value is not None}
    marks = {"confirmed": fact.confirmed, "again": fact.again, "later": fact.at is not None and fact.at.fold == 1}
    return said | {name: True for name, holds in marks.items() if holds}


def facts_with(now: Facts, entries: Iterable[Entry], *, old: bool) -> Facts:
    """The facts of now with every entry as it was before (`old`) or after the act that wrote it."""
    for entry in entries:
        kind, _, code = entry.entity.partition(":")
        value = entry.old if old else entry.new
        if kind in FIELDS:
            now = _with(now, FIELDS[kind], code, value)
        elif kind == "acceptance":
            gone, there = (_accepted(code, one) for one in ((entry.new, entry.old) if old else (entry.old, entry.new)))
            now = replace(now, accepted=(*(a for a in now.accepted if a != gone), *([there] if there else [])))
        elif kind == "study":
            now = replace(now, ended=date.fromisoformat(str(value["ended"])) if value else None)
    return now


def because(entries: Iterable[Entry], *, old: bool) -> Ended | None:
    """Why the study ended by these entries; None where it goes on, or they say nothing of it."""
    told = [entry.old if old else entry.new for entry in entries if entry.entity == "study"]
    return Ended(str(told[-1]["because"])) if told and told[-1] else None


def _with(now: Facts, field: str, code: str, value: Payload) -> Facts:
    kept = {one: known for one, known in getattr(now, field).items() if one != code}
    read = {"dates": _day, "visits": _fact, "decisions": _word, "together": _word}[field]
    return replace(now, **{field: kept if value is None else {**kept, code: read(value)}})  # type: ignore[arg-type]


def _day(value: dict[str, str | int | bool | None]) -> date:
    return date.fromisoformat(str(value["day"]))


def _word(value: dict[str, str | int | bool | None]) -> str:
    return str(value.get("value") or value.get("with"))


def _fact(value: dict[str, str | int | bool | None]) -> Fact:
    days = {name: date.fromisoformat(str(value[name])) for name in ("day", "end", "taken_for") if name in value}
    words = {name: str(value[name]) for name in ("zone", "unit", "decided_by") if name in value}
    at = time.fromisoformat(str(value["at"])).replace(fold=int("later" in value)) if "at" in value else None
    marks = {name: True for name in ("confirmed", "again") if value.get(name)}
    go = Go(str(value["go"])) if "go" in value else None
    return Fact(State(str(value["state"])), at=at, go=go, **days, **words, **marks)  # type: ignore[arg-type]


def _accepted(visit: str, value: Payload) -> Acceptance | None:
    if value is None:
        return None
    return Acceptance(str(value["rule"]), visit, str(value["reason"]), str(value.get("second", "")))
