"""How a patient is reached, and what they agreed to be told: kept apart from every schedule."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from planner.core import notices
from planner.core.errors import Refused
from planner.core.patients import LANGUAGES, Contact, Wishes
from planner.core.texts import may_be_address
from planner.services.cases import advance, as_seen, case
from planner.services.telling import recipient, tell
from planner.store import audit, deliveries, outbox, patients, portal

if TYPE_CHECKING:
    from planner.core.history import Payload
    from planner.core.notices import Held
    from planner.services.cases import Case
    from planner.services.work import Work


def contact(work: Work, public_id: str) -> Contact:
    """How the patient is reached."""
    return patients.contact(work.session, case(work, public_id).patient.public_id)


def wishes(work: Work, public_id: str) -> Wishes:
    """What the patient agreed to be told, and by which channel."""
    return outbox.wishes(work.session, _key(work, case(work, public_id)))


def unaddressed(work: Work, public_id: str) -> bool:
    """Whether the patient agreed to mails and no address is known, so that none goes out."""
    known = case(work, public_id).patient
    return known.public_id in deliveries.unaddressed(work.session, known.site.code)


def left(work: Work, public_id: str) -> tuple[Held, ...]:
    """What stays in the patient's calendar as it was mailed, while nothing may be mailed; empty while mails go out."""
    known = case(work, public_id)
    own = _key(work, known)
    if recipient(work, known.patient, known.schedule, outbox.wishes(work.session, own)) is not None:
        return ()
    return notices.left(deliveries.held(work.session, own), known.today)


def write_contact(work: Work, public_id: str, seen: int, found: Contact, language: str = "") -> None:
    """Save how the patient is reached, and (where one is given) the language of all that they read.

    The audit row says what changed and holds none of it. In another language every visit ahead is told anew.
    """
    known = as_seen(work, public_id, seen)
    before, reads = patients.contact(work.session, public_id), language or known.patient.language
    if (found, reads) == (before, known.patient.language):
        raise Refused("nothing_changed")
    if reads not in LANGUAGES:
        raise Refused("no_such_language", language=reads, known=LANGUAGES)
    if found.email and not may_be_address(found.email):
        raise Refused("address_unreadable")
    patients.write_contact(work.session, public_id, found)
    patients.write_language(work.session, public_id, reads)
    changed = [name for name in Contact.__slots__ if getattr(found, name) != getattr(before, name)]
    changed += ["language"] if reads != known.patient.language else []
    reader = replace(known, patient=replace(known.patient, language=reads))
    _saved(work, reader, "contact", (None, {"changed": ", ".join(changed)}))


def agree(work: Work, public_id: str, seen: int, found: Wishes) -> None:
    """Save what the patient agrees to from now on; what they no longer agree to is silenced at once."""
    known = as_seen(work, public_id, seen)
    before = outbox.wishes(work.session, _key(work, known))
    if found == before:
        raise Refused("nothing_changed")
    outbox.write_wishes(work.session, _key(work, known), found)
    if found.page is None:
        portal.stop_links(work.session, _key(work, known))
    _saved(work, known, "wishes", (_told(before), _told(found)))


def _saved(work: Work, case: Case, action: str, values: tuple[Payload, Payload]) -> None:
    """One act more on the patient, in the history, and the messages that it makes owed."""
    advance(work, case.patient)
    audit.write(work.session, work.stamp(action), action, values, _key(work, case))
    tell(work, case.patient, case.schedule)


def _told(found: Wishes) -> Payload:
    """For the history: consent by channel, and the wishes that hold."""
    said = {name: getattr(found, name) for name in Wishes.__slots__}
    return {name: value if isinstance(value, bool) else str(value) for name, value in said.items() if value}


def _key(work: Work, case: Case) -> int:
    return patients.key(work.session, case.patient.public_id)
