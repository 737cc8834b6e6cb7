"""The whole history for reading and for taking away: a sentence for each write, CSV and JSON. English only."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from datetime import date
from io import StringIO
from typing import TYPE_CHECKING

from planner.core.history import SiteAct
from planner.exports.agenda import NO_NAMES
from planner.exports.history import run_of, sentence
from planner.exports.records import harmless
from planner.exports.words import staff_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from planner.core.history import Entry, Head, Line
    from planner.core.protocol import Protocol

COLUMNS = (
    "seq",
    "at",
    "person",
    "login",
    "role",
    "patient",
    "site",
    "act",
    "what",
    "sentence",
    "old",
    "new",
    "reason",
    "mac",
)
HEAD = "end of the chain"
WORDS = {
    "sign_in": "Signed in",
    "sign_out": "Signed out",
    "failed_sign_in": "A sign-in as {login} failed",
    "choose_password": "Chose a password",
    "create_account": "Made the account {login} for {name}: {role}, sites {sites}",
    "new_code": "Gave {name} ({login}) a new one-time code",
    "disable_account": "Disabled the account {login} of {name}",
    "enable_account": "Enabled the account {login} of {name}",
    "sign_out_everywhere": "Signed {name} ({login}) out everywhere",
    "add_site": "Added the site {code}, {name}",
    "denied": "Was refused, as not for this role: {endpoint} ({method})",
    "review": "Signed to have read everything up to number {up_to}",
    "feed": "Own calendar feed {what}: {kind} of site {site}, unit {unit}",
    "export": "Took away a copy of the {what} ({kind}): {rows} lines, {sought}",
}
"""What is about no patient, by its action; the values of the write fill it."""

OF_A_SITE: dict[str, str] = {
    SiteAct.ADD_UNIT: "Added {unit} ({kind}) to site {site}; hours: {hours}",
    SiteAct.SET_HOURS: "Changed the hours of {unit} at site {site} to {hours}; before: {before}",
    SiteAct.WITHDRAW_UNIT: "Took {unit} ({kind}) of site {site} out of use",
    SiteAct.CLOSE: "Closed {where} of site {site}, {days}: {name}",
    SiteAct.REOPEN_DAYS: "Took back that {where} of site {site} is closed, {days}: {name}",
    SiteAct.OPEN_DAY: "Opened {opened} of site {site} on {days}, {hours}: {name}",
    SiteAct.SHUT_DAY: "Took back that {opened} of site {site} is open on {days}, {hours}: {name}",
}
"""What is about the calendar of a site, by its action."""


class _Known(dict[str, object]):
    """The values of a write; one that it does not have is said to be unknown."""

    def __getitem__(self, name: str) -> object:
        value = self.get(name, "unknown")
        return str(value).replace("_", " ") if name == "role" else "none" if value in ("", None) else value


def words(line: Line, protocol: Protocol | None, units: Mapping[str, str] = NO_NAMES) -> str:
    """One write in words; `units` are names of units by their public ids."""
    entry = line.entry
    if protocol is not None:
        return sentence(protocol, entry, units)
    of, _, site = entry.entity.partition(":")
    if of == "site" and entry.action in OF_A_SITE:
        return f"{OF_A_SITE[entry.action].format_map(_of_site(entry, site))}."
    if entry.action in WORDS:
        values = _Known({"what": "history", **(entry.new or {})})
        return f"{WORDS[entry.action].format_map(values)}."
    return f"{entry.action.replace('_', ' ').capitalize()}: {entry.entity}."


def _of_site(entry: Entry, site: str) -> _Known:
    """What was written about a site's calendar, with its days and places in words."""
    found = entry.new or entry.old or {}
    told: dict[str, object] = {"site": site, "before": (entry.old or {}).get("hours")}
    told["where"] = (found["where"] or "all") if "where" in found else "all or a part"  # older rows do not say it
    told["opened"] = found.get("kind") or "all"
    if "first" in found:
        told["days"] = run_of(found)
    elif "day" in found:
        told["days"] = staff_day(date.fromisoformat(str(found["day"])))
    return _Known(found | told)


@dataclass(frozen=True, slots=True)
class Record:
    """One write as it is taken away."""

    line: Line
    sentence: str

    @property
    def cells(self) -> dict[str, object]:
        """Its values by the names of the columns."""
        line, entry, about = self.line, self.line.entry, self.line.about
        own = (line.seq, entry.at.isoformat(), entry.actor, line.login, line.role and line.role.value)
        patient = (about.subject_id, about.site) if about is not None else (None, None)
        what = (entry.action, entry.entity, self.sentence, entry.old, entry.new, entry.reason, line.mac)
        return dict(zip(COLUMNS, (*own, *patient, *what), strict=True))


def as_csv(records: Iterable[Record], head: Head | None) -> bytes:
    """A table for spreadsheets, no cell of which is taken for a formula; the end of the chain in its last row."""
    written = StringIO()
    table = csv.writer(written)
    table.writerow(COLUMNS)
    table.writerows([_cell(value) for value in record.cells.values()] for record in records)
    table.writerow([HEAD, str(head or "")])
    return written.getvalue().encode("utf-8-sig")


def _cell(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True) if isinstance(value, dict) else str(value or "")
    return harmless(text)


def as_json(records: Iterable[Record], head: Head | None) -> bytes:
    """The same for programs."""
    told = {"head": str(head or ""), "rows": [record.cells for record in records]}
    return json.dumps(told, ensure_ascii=False, indent=1).encode()
