"""What became of the messages to a patient, as sentences for staff. English only."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from planner.core.notices import Delivery, Kind
from planner.exports.naming import listed
from planner.exports.words import staff_day

if TYPE_CHECKING:
    from datetime import datetime

    from planner.core.notices import Held, Message

NAMES = {
    Kind.INVITE: "invitation",
    Kind.UPDATE: "change",
    Kind.CANCEL: "cancelation",
    Kind.REMINDER: "reminder",
}
BECAME = {
    Delivery.WAITING: "waits since",
    Delivery.SENT: "sent",
    Delivery.FAILED: "not delivered",
    Delivery.TOLD: "told by telephone",
}


NO_ADDRESS = (
    "Nothing is mailed: the patient agreed to mails, and no e-mail address is known. Write one down, or phone them "
    "about every change."
)


def phone(message: Message) -> str:
    """`Phone the patient: the invitation for Tue 15 Apr 2025 could not be delivered (550 no such user).`."""
    why = f" ({message.error})" if message.error else ""
    return f"Phone the patient: the {NAMES[message.kind]} for {staff_day(message.day)} could not be delivered{why}."


def clear(left: tuple[Held, ...]) -> str:
    """That a person asks the patient to take out of their calendar what is left in it (by day) after the end."""
    visits, them = ("the visit", "it") if len(left) == 1 else ("the visits", "them")
    days = listed([staff_day(one.seen.first) for one in left])
    told = f"their calendar still shows {visits} of {days}"
    return f"Phone the patient: nothing is mailed after the end of the study, and {told}. Ask them to delete {them}."


def became(message: Message, zone: str) -> str:
    """`Invitation for Tue 15 Apr 2025: sent Mon 3 Mar 2025, 09:30`; the time as the clocks of the site showed it."""
    kind = NAMES[message.kind].capitalize()
    return f"{kind} for {staff_day(message.day)}: {BECAME[message.state]} {_moment(message.at, zone)}"


def _moment(at: datetime, zone: str) -> str:
    local = at.astimezone(ZoneInfo(zone))
    return f"{staff_day(local.date())}, {local:%H:%M}"


def latest(messages: tuple[Message, ...], zone: str) -> dict[str, str]:
    """By the code of a visit what became of its last message and of the last reminder, in one breath."""
    of_visits = (one for one in messages if one.state in BECAME and one.kind in NAMES)  # a link is about none
    last = {(one.code, one.kind is Kind.REMINDER): one for one in of_visits}
    found: dict[str, list[str]] = {}
    for (code, _), one in last.items():
        found.setdefault(code, []).append(became(one, zone))
    return {code: "; ".join(words) for code, words in found.items()}
