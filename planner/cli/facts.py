"""The facts that a command line gives, checked against the protocol: unknown words, double statements, wall times."""

from __future__ import annotations

from datetime import datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING

import click

from planner.core.errors import Refused
from planner.core.facts import Facts
from planner.core.walltime import exists, happens_twice, zone_named

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import time
    from zoneinfo import ZoneInfo

    from planner.cli.options import Options
    from planner.cli.parse import Coded
    from planner.core.protocol import Protocol


def facts(protocol: Protocol, given: Options) -> Facts:
    """The facts; a UsageError names the option whose value the protocol does not know."""
    given_once("--date", (named.code for named in given.dates))
    visits = [*(c.code for c in given.occurred), *(c.code for c in given.booked), *given.missed, *given.omitted]
    given_once("--occurred, --booked, --missed or --omitted", visits)
    given_once("--decision", (name for name, _ in given.decision))
    found = Facts(dates={named.code: named.day for named in given.dates}, decisions=dict(given.decision))
    for named in given.dates:
        _known("--date", named.code, protocol.date_of)
    for name, value in given.decision:
        _decided(protocol, name, value)
    return _required(protocol, _visits(protocol, found, given))


def _visits(protocol: Protocol, found: Facts, given: Options) -> Facts:
    for seen in given.occurred:
        _known("--occurred", seen.code, protocol.by_code)
        if given.today is not None and seen.day > given.today:
            raise click.UsageError(f"--occurred: {seen.code} on {seen.day} lies after --today; book it instead")
        found = found.occurred(seen.code, seen.day, seen.last)
    for taken in given.booked:
        _known("--booked", taken.code, protocol.by_code)
        at = _wall_time(taken, given.zone)
        found = found.booked(taken.code, taken.day, at, given.zone if at is not None else None)
    for code in given.missed:
        _known("--missed", code, protocol.by_code)
        found = found.missed(code)
    for code in given.omitted:
        _known("--omitted", code, protocol.by_code)
        found = found.omitted(code)
    return found


def _required(protocol: Protocol, found: Facts) -> Facts:
    for named in protocol.dates:
        recorded = found.visits.get(named.visit or "")
        if named.required and named.code not in found.dates and (recorded is None or recorded.day is None):
            what = named.name.into("en")
            raise click.UsageError(
                f"--date: {what} is missing, and the plan counts from it; add --date {named.code}=DATE"
            )
    return found


def given_once(options: str, codes: Iterable[str]) -> None:
    """Refuse a name that stands twice, rather than let one of the two win in silence."""
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            raise click.UsageError(f"{options}: {code} is given twice; keep one of the two")
        seen.add(code)


def _known(option: str, code: str, codes: Iterable[str]) -> None:
    known = list(codes)
    if code not in known:
        close = [c for c in known if c.upper() == code.upper()] or get_close_matches(code, known, n=1, cutoff=0.5)
        hint = f"did you mean {close[0]}?" if close else f"it has {', '.join(known[:8])} ..."
        raise click.UsageError(f"{option}: the protocol has no {code!r:.60}; {hint}")


def _decided(protocol: Protocol, name: str, value: str) -> None:
    decisions = {decision.code: decision for decision in protocol.decisions}
    _known("--decision", name, decisions)
    if value not in decisions[name].values:
        raise click.UsageError(
            f"--decision: {name} cannot be {value!r:.60}; choose {' or '.join(decisions[name].values)}"
        )


def _wall_time(taken: Coded, zone: str) -> time | None:
    """The local time of a booking; refused where the clocks skip it, asked where they show it twice."""
    if taken.at is None:
        return None
    place = known_zone(zone)
    wall = datetime.combine(taken.day, taken.at)
    shown = f"{taken.day} {taken.at:%H:%M}"
    if not exists(wall, place):
        raise click.UsageError(f"--booked: {shown} does not exist in {zone}, the clocks skip it; book another time")
    offsets = [wall.replace(tzinfo=place, fold=fold).utcoffset() for fold in (0, 1)]
    if taken.offset is not None and taken.offset in offsets:
        return taken.at.replace(fold=offsets.index(taken.offset))
    if taken.offset is not None or happens_twice(wall, place):
        both = (wall.replace(tzinfo=place, fold=fold).isoformat(timespec="minutes") for fold in (0, 1))
        written = " or ".join(dict.fromkeys(both))
        raise click.UsageError(f"--booked: {shown} needs its distance from UTC in {zone}; write {written}")
    return taken.at


def known_zone(zone: str) -> ZoneInfo:
    """The time zone, or a refusal that names the option."""
    try:
        return zone_named(zone)
    except Refused as error:
        raise click.UsageError(
            f"--zone: there is no time zone {zone!r:.60}; give one such as Europe/Brussels"
        ) from error
