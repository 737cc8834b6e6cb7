"""The mail around a notice: plain words, the same as a page, and the entry for the calendar (reference: RFC 6047)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from planner.core.disclosure import CALL, NEUTRAL
from planner.core.notices import Kind, Off
from planner.exports.entry import one_line, told, whom_to_call
from planner.exports.invite import invitation, method, paper_of
from planner.exports.words import Words, noted

if TYPE_CHECKING:
    from planner.core.disclosure import Glimpse
    from planner.core.notices import Sight
    from planner.exports.entry import Mark
    from planner.exports.invite import Post

TEMPLATES = Path(__file__).resolve().parent.parent.parent / "templates" / "mail"
LONGEST = 78
"""Characters of a header's line (RFC 5322, 2.1.1)."""

SPECIALS = re.compile(r'[()<>\[\]:;@\\,."]')


@dataclass(frozen=True, slots=True)
class Letter:
    """The words of one mail: what it opens with, when and what the visit is, what is said of it and after it."""

    subject: str
    opening: str
    when: str
    what: str
    about: tuple[str, ...]
    after: tuple[str, ...]
    over: bool
    link: str = ""


def mail(kind: Kind, sight: Sight, mark: Mark, post: Post) -> EmailMessage:
    """The mail of one notice to one recipient; the same bytes for the same arguments, so that it may be sent again."""
    words = letter(kind, sight, mark)
    message = EmailMessage(policy=SMTP)
    message["From"] = _sender(post)
    message["To"] = Address(addr_spec=post.recipient)
    message["Subject"] = words.subject
    message["Date"] = format_datetime(mark.stamp)
    message["Message-ID"] = message_id(kind, mark, post)
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = sight.language
    message.set_content(_plain(words), cte="quoted-printable")
    message.add_alternative(_page(words, sight.language), subtype="html", cte="quoted-printable")
    if kind not in (Kind.LINK, Kind.REMINDER):
        _enclose(message, kind, invitation(kind, sight, mark, post))
    message.set_boundary(f"={_digest(str(message['Message-ID']))}=")
    return message


def _sender(post: Post) -> Address:
    """Who sends it; a name too long for its line goes without what RFC 5322 (3.2.3) would have in quotes.

    Python drops the quotes of a name that it folds, and then a comma in it parts two senders.
    """
    found = Address(one_line(post.sender_name), addr_spec=post.sender)
    if len(f"From: {found}") <= LONGEST:
        return found
    return Address(one_line(SPECIALS.sub(" ", found.display_name)), addr_spec=post.sender)


def _enclose(message: EmailMessage, kind: Kind, entry: bytes) -> None:
    """The one calendar part; its method is that of the file, which mail programs ask for."""
    message.add_alternative(entry.decode(), subtype="calendar", params={"method": method(kind)}, cte="base64")


def message_id(kind: Kind, mark: Mark, post: Post) -> str:
    """The same for every copy of one revision to one recipient; it tells nothing of either."""
    return f"<{_digest(f'{kind} {mark.uid} {mark.sequence} {post.recipient}')}@{post.sender.rpartition('@')[2]}>"


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:40]


def letter(kind: Kind, sight: Sight, mark: Mark) -> Letter:
    """What the mail says, in the recipient's language and no word that an outside eye may not learn."""
    if kind is Kind.LINK:
        return _link(sight, mark)
    words, seen, paper = Words(sight.language), sight.seen, paper_of(sight, mark)
    lines = [one_line(line) for line in told(seen, paper, words)]
    call = one_line(whom_to_call(paper, words))
    ready = words.say("How to get ready: %(words)s", words=one_line(sight.ready)) if _tells_ready(kind, sight) else ""
    unread = words.say("Answers to this mail are not read.")
    place = "" if seen.by_phone else one_line(sight.place)
    return Letter(
        subject=_subject(kind, sight, words),
        opening=_opening(kind, sight, words),
        when=_when(seen, words) if sight.off is not Off.MOVED else "",
        what=(one_line(seen.title) or words.say(seen.neutral)) if sight.off is not Off.MOVED else "",
        about=() if kind is Kind.CANCEL else tuple(filter(None, (place, *lines))),
        after=tuple(filter(None, (ready, _left_of_the_day(kind, sight, words), call, unread))),
        over=kind is Kind.CANCEL and sight.off is not Off.ELSEWHERE,
    )


def _left_of_the_day(kind: Kind, sight: Sight, words: Words) -> str:
    """What a cancelation means for whoever would have come; a call costs nobody a journey."""
    if kind is not Kind.CANCEL or sight.seen.by_phone:
        return ""
    if sight.off is Off.AGAIN:
        return words.say("We will arrange another day or hour with you.")
    if sight.off is Off.BUSY:
        return words.say("On that day you still have another appointment: please come to that one.")
    return words.say("You do not need to come on that day.") if sight.off is Off.FREE else ""


def _link(sight: Sight, mark: Mark) -> Letter:
    """The way to the patient's own page: it says that there is one, and nothing of what stands on it."""
    words = Words(sight.language)
    call = whom_to_call(paper_of(sight, mark), words)
    unasked = words.say("You did not ask for this? Then you need do nothing.")
    return Letter(
        subject=words.say("Hospital appointments"),
        opening=words.say("You asked for the page with your appointments. This link opens it:"),
        when="",
        what=words.say("The link is good for 10 minutes and works once."),
        about=(),
        after=tuple(filter(None, (unasked, one_line(call), words.say("Answers to this mail are not read.")))),
        over=False,
        link=sight.link,
    )


def _tells_ready(kind: Kind, sight: Sight) -> bool:
    """Only a reminder says it: by then it is time, and an invitation would have to change with every new wording."""
    return kind is Kind.REMINDER and bool(one_line(sight.ready))


SUBJECTS = {
    Kind.INVITE: (NEUTRAL, CALL),
    Kind.UPDATE: (noted("Hospital appointment changed"), noted("Telephone call from the hospital changed")),
    Kind.CANCEL: (noted("Hospital appointment cancelled"), noted("Telephone call from the hospital cancelled")),
    Kind.REMINDER: (
        noted("Reminder of your hospital appointment"),
        noted("Reminder of the telephone call from the hospital"),
    ),
}
"""Of a visit for which the patient comes, and of a telephone call."""

OPENINGS = {
    Kind.INVITE: (noted("You have an appointment at the hospital:"), noted("The hospital will call you:")),
    Kind.CANCEL: (
        noted("This appointment at the hospital is cancelled:"),
        noted("This telephone call from the hospital is cancelled:"),
    ),
    Kind.REMINDER: (
        noted("This reminds you of your appointment at the hospital:"),
        noted("This reminds you that the hospital will call you:"),
    ),
}
ALIKE = (
    noted("Something about your appointment at the hospital has changed, but not the day or the hour:"),
    noted("Something about the telephone call from the hospital has changed, but not the day or the hour:"),
)
"""Of an update that leaves the day and the hour."""

OTHER_ADDRESS = {
    Off.ELSEWHERE: noted("From now on we write about this to your other address. It takes place as it was:"),
    Off.MOVED: noted(
        "What we told you of %(was)s does not hold any more. What holds now stands in the mail to your other address."
    ),
}
"""Of a cancelation at an address that is no longer the patient's."""

MOVED = (
    noted("Your appointment at the hospital on %(was)s has been moved. This is how it is now:"),
    noted("The telephone call from the hospital on %(was)s has been moved. This is how it is now:"),
)


def _subject(kind: Kind, sight: Sight, words: Words) -> str:
    if sight.off in OTHER_ADDRESS:
        return words.say("We write to your other address from now on")
    return f"{words.say(SUBJECTS[kind][sight.seen.by_phone])}{words.colon}{words.day(sight.seen.first)}"


def _when(seen: Glimpse, words: Words) -> str:
    """The day, and the hour where one is agreed."""
    at = words.time(seen.at) if seen.at is not None else ""
    return ", ".join(filter(None, (words.day(seen.first), at)))


def _opening(kind: Kind, sight: Sight, words: Words) -> str:
    if sight.off in OTHER_ADDRESS:
        return words.say(OTHER_ADDRESS[sight.off], was=_when(sight.seen, words))
    if kind is Kind.UPDATE and sight.before is None:
        return words.say(ALIKE[sight.seen.by_phone])
    if kind is Kind.UPDATE and sight.before is not None:
        return words.say(MOVED[sight.seen.by_phone], was=_when(sight.before, words))
    return words.say(OPENINGS[kind][sight.seen.by_phone])


def _plain(letter: Letter) -> str:
    """The same words without any form."""
    parts = (letter.opening, letter.when, letter.link, "\n".join((letter.what, *letter.about)), *letter.after)
    return "\n\n".join(filter(None, parts)) + "\n"


def _page(letter: Letter, language: str) -> str:
    fields = {name: getattr(letter, name) for name in Letter.__slots__}
    return _templates().get_template("notice.html").render(language=language, **fields)


@cache
def _templates() -> Environment:
    """The templates of mails."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
