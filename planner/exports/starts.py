"""Start days ranked, as a table in 100 columns, as JSON and as CSV."""

from __future__ import annotations

import csv
import json
from io import StringIO
from typing import TYPE_CHECKING

from planner.exports.columns import paragraph, row
from planner.exports.naming import name
from planner.exports.words import staff_day

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from planner.core.protocol import Protocol
    from planner.core.starts import Clash, Start

WIDTH = 100
COLUMNS = ("start", "weekday", "without_a_day", "outside_their_window", "days_of_drift", "clashes")
RANK, DAY, COUNT = 4, 16, 12


def starts_table(protocol: Protocol, ranked: Sequence[Start], *, limit: int) -> str:
    """The best start days first, each with what it meets; then how all of them fare."""
    if not ranked:
        return "No start day is open between these days. Widen the range, or open a day.\n"
    heads = ("", "start", "no day", "outside", "drift", "clashes")
    lines = row(_cells(heads))
    for place, start in enumerate(ranked[:limit], start=1):
        lines += row(_cells((str(place), staff_day(start.day), *map(str, _counts(start)))))
        lines += [line for text in met(protocol, start) for line in paragraph(text, WIDTH, lead=" " * (RANK + 2))]
    return "\n".join([*lines, "", *_summary(ranked, limit), ""])


def _cells(texts: Sequence[str]) -> list[tuple[str, int]]:
    return list(zip(texts, (RANK, DAY, COUNT, COUNT, COUNT, COUNT), strict=True))


def _counts(start: Start) -> tuple[int, int, int, int]:
    return len(start.conflicts), len(start.deviations), start.drift, len(start.clashes)


def met(protocol: Protocol, start: Start) -> Iterator[str]:
    """What speaks against the start, one sentence each."""
    if start.conflicts:
        yield f"without a legal day: {', '.join(name(protocol, code) for code in start.conflicts)}"
    if start.deviations:
        yield f"expected outside their window: {', '.join(name(protocol, code) for code in start.deviations)}"
    for clash in start.clashes:
        why = ", ".join(_closures(clash))
        instead = f"; goes to {staff_day(clash.instead)}" if clash.instead is not None else ""
        yield f"{name(protocol, clash.visit)}: {staff_day(clash.target)} is closed ({why}){instead}"


def _closures(clash: Clash) -> list[str]:
    closures = (reason.closure for reason in clash.reasons)
    return [closure.name or closure.because.value for closure in closures if closure is not None]


def _summary(ranked: Sequence[Start], limit: int) -> list[str]:
    count = len(ranked)
    days = "1 open start day" if count == 1 else f"{count} open start days"
    legal = sum(not start.conflicts for start in ranked)
    clean = sum(not start.conflicts and not start.deviations for start in ranked)
    drifting = sum(start.drift > 0 for start in ranked)
    shown = f" The best {limit} are shown; --limit shows more." if count > limit else ""
    return paragraph(
        f"{days}: {legal} with a legal day for every visit, {clean} of them with every visit inside its window; "
        f"{drifting} end some days behind (drift).{shown}",
        WIDTH,
    )


def starts_json(protocol: Protocol, ranked: Sequence[Start], *, limit: int) -> str:  # noqa: ARG001  # lists every day
    """Every open start day in rank order, with its clashes."""
    rows = [
        {
            **dict(zip(COLUMNS, _values(start)[:2], strict=False)),
            "conflicts": list(start.conflicts),
            "deviations": list(start.deviations),
            "drift": start.drift,
            "clashes": [
                {
                    "visit": clash.visit,
                    "target": clash.target.isoformat(),
                    "instead": clash.instead.isoformat() if clash.instead is not None else None,
                    "because": [
                        reason.closure.name or reason.closure.because for reason in clash.reasons if reason.closure
                    ],
                }
                for clash in start.clashes
            ],
        }
        for start in ranked
    ]
    return json.dumps({"protocol": protocol.id, "starts": rows}, ensure_ascii=False, indent=1) + "\n"


def starts_csv(protocol: Protocol, ranked: Sequence[Start], *, limit: int) -> str:  # noqa: ARG001  # lists every day
    """One row per open start day in rank order, with its counts."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(_values(start) for start in ranked)
    return text.getvalue()


def _values(start: Start) -> tuple[object, ...]:
    return (start.day.isoformat(), start.day.strftime("%A"), *_counts(start))
