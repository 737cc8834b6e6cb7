"""The patient's own page: a link for whoever asks with an address on record, and what the patient does with it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING
from uuid import uuid4
from zoneinfo import ZoneInfo

from planner.core.disclosure import Arranged, Glimpse
from planner.core.errors import NotFound
from planner.core.feeds import SILENT
from planner.core.notices import Sight, mailbox
from planner.core.portal import DAY, LINK_LASTS, MOST_A_DAY, MOST_AN_ADDRESS, PAGE_LASTS, Call, Said, Word
from planner.core.staff import Actor
from planner.exports.ics import calendar_file as calendar
from planner.exports.own_page import own_page
from planner.services.cases import case_of
from planner.services.feeds import TOKEN_BYTES, digest
from planner.services.invitations import paper as paper_for
from planner.services.invitations import sent
from planner.services.patients import own_sites
from planner.store import audit, outbox, patients, portal
from planner.store.portal import Asked, Reached

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.core.disclosure import Detail
    from planner.core.patients import Patient
    from planner.exports.own_page import OwnPage
    from planner.exports.paper import Paper
    from planner.services.work import Work

PATIENT = Actor("patient", "The patient", None)
"""Who acts on their own page: told in the history by no name."""

NOWHERE = Reached(None, "nobody@example.invalid", "en", "The name of a hospital", "+32 2 000 00 00", "Europe/Brussels")
"""Whom a link reaches that leads nowhere: it costs what one costs that leads somewhere."""


# ---- the way in


def ask(work: Work, address: str, link_to: Callable[[str, str], str]) -> None:
    """A mail with a link to each patient who is reached at this address and agreed to a page; else nothing.

    Whether there is one is told by nothing: the answer is the same, and the same statements are put to the database.
    For an address without a patient, or with too many links, they make a link that leads nowhere, and no mail. A mail
    goes to the address on record, however it was typed.
    """
    typed = mailbox(address)
    portal.forget(work.session, work.now - DAY, work.now)
    mine, every = portal.asked(work.session, digest(typed), work.now - DAY)
    found = [one for one in portal.with_page(work.session, SILENT) if mailbox(one.address) == typed]
    whom = found if mine < MOST_AN_ADDRESS and every < MOST_A_DAY else []
    made = [_made(work, one, link_to) for one in whom or [NOWHERE]]
    portal.add_links(work.session, digest(typed), made, work.now, work.now + LINK_LASTS)


def _made(work: Work, whom: Reached, link_to: Callable[[str, str], str]) -> Asked:
    token, today = secrets.token_urlsafe(TOKEN_BYTES), work.now.astimezone(ZoneInfo(whom.zone)).date()
    nothing = Glimpse("", Arranged.NOT_YET, today, today)
    sight = Sight(nothing, whom.site, whom.language, whom.phone, link=link_to(token, whom.language))
    return Asked(digest(token), whom, sight, str(uuid4()))


def _detail(work: Work, patient: Patient) -> Detail | None:
    """How much the patient agreed to see on their page; None: there is none."""
    if patient.ended_because in SILENT:
        return None
    return outbox.wishes(work.session, patients.key(work.session, patient.public_id)).page


def enter(work: Work, token: str) -> str | None:
    """Consume a link: the token of the browser in which the page is open from now on; None where it opens nothing."""
    whose = portal.use(work.session, digest(token), work.now)
    if whose is None or _detail(work, patients.find(work.session, whose, None)) is None:
        return None
    opened, own = secrets.token_urlsafe(TOKEN_BYTES), patients.key(work.session, whose)
    portal.open_page(work.session, digest(opened), own, work.now)
    _told(work, own, "page:", "opened")
    return opened


def guest(work: Work, token: str) -> Patient | None:
    """The patient whose page is open in this browser: for half an hour, and while they agree to it."""
    whose = portal.guest(work.session, digest(token), work.now - PAGE_LASTS)
    found = patients.find(work.session, whose, None) if whose is not None else None
    return found if found is not None and _detail(work, found) is not None else None


def leave(work: Work, token: str) -> None:
    """The page is open no more in this browser, nor in any that its cookie was copied to."""
    portal.leave(work.session, digest(token), work.now)


# ---- the page


def page(work: Work, patient: Patient, language: str) -> OwnPage:
    """What stands on it; NotFound where the patient does not agree to a page any more."""
    detail = _detail(work, patient)
    if detail is None:
        raise NotFound("no_such_page")
    case, said = case_of(work, patient), portal.said(work.session, patients.key(work.session, patient.public_id))
    return own_page(case.schedule, paper(work, patient, language), detail, said, patient.seed)


def paper(work: Work, patient: Patient, language: str) -> Paper:
    """What its words are made for."""
    return paper_for(patient, work.today(patient.site), language)


def calendar_file(work: Work, patient: Patient, language: str) -> bytes:
    """The visits as a calendar file, in as many words as the page has; those still open for who wants to see them."""
    case, detail = case_of(work, patient), _detail(work, patient)
    if detail is None:
        raise NotFound("no_such_page")
    wanted = outbox.wishes(work.session, patients.key(work.session, patient.public_id)).open_days
    made, mails = paper(work, patient, language), sent(work, case)
    return calendar(case.schedule, made, seed=patient.seed, detail=detail, sent=mails, open_days=wanted)


def say(work: Work, patient: Patient, visit: str, word: Word) -> None:
    """What the patient says of a visit of their page, named as its addresses name it; NotFound for any other."""
    shown = page(work, patient, patient.language)
    code = next((code for code, name in shown.ids.items() if name == visit), None)
    if code is None:
        raise NotFound("no_such_visit_of_page")
    if code in (shown.seen if word is Word.SEEN else shown.call):
        return
    own = patients.key(work.session, patient.public_id)
    portal.say(work.session, own, Said(code, word, shown.days[code], work.now))
    _told(work, own, f"page:{code}", str(word))


def _told(work: Work, own: int, entity: str, what: str) -> None:
    stamp = audit.Stamp(PATIENT, work.now, work.stamp("page").act, "own_page")
    audit.write(work.session, stamp, entity, (None, {"what": what}), own)


# ---- what the ward does with it


def calls(work: Work, site: str = "") -> tuple[Call, ...]:
    """The patients of the actor's sites who wait for a call, who asked first first: until somebody called."""
    reach = frozenset(one.code for one in own_sites(work) if site in ("", one.code))
    found = ((patients.find(work.session, one, reach), said) for one, said in portal.waiting(work.session, reach))
    return tuple(_call(work, patient, said) for patient, said in found)


def _call(work: Work, patient: Patient, said: Said) -> Call:
    visit = case_of(work, patient).schedule.by_code.get(said.code)
    return Call(patient, visit.encounter.name.into("en") if visit is not None else said.code, said)


def called(work: Work, public_id: str, code: str) -> None:
    """The patient was called about the visit; NotFound where nobody waits for that, or out of the actor's reach."""
    own = patients.key(work.session, patients.find(work.session, public_id, work.actor.reach).public_id)
    if not portal.called(work.session, own, code, work.now):
        raise NotFound("no_such_call")
    audit.write(work.session, work.stamp("called"), f"page:{code}", (None, {"what": "called"}), own)
