"""Calendar feeds: made, revoked, and what one holds at the moment that a calendar asks."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

import planner
from planner.core.errors import NotFound, Refused
from planner.core.facts import State
from planner.core.feeds import MAKERS, Feed, FeedKind, shown, staff_shown
from planner.exports.feed import Line, feed_file
from planner.exports.paper import Paper
from planner.services import payloads
from planner.services.cases import case, case_of
from planner.services.invitations import paper_of
from planner.services.work import public_id
from planner.services.zone_changes import TZDATA
from planner.store import audit, feeds, outbox, patients, resources, sites, staff

if TYPE_CHECKING:
    from planner.core.facts import Fact
    from planner.core.patients import Patient, Site
    from planner.core.staff import Actor
    from planner.services.cases import Case
    from planner.services.work import Work

TOKEN_BYTES = 32
"""256 random bits: nobody finds an address by trying."""


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


# ---- making and revoking


def of_patient(work: Work, patient: str) -> Feed | None:
    """The patient's feed, for those who may make one."""
    return feeds.of_patient(work.session, case(work, patient).patient.public_id)


def make(work: Work, patient: str) -> str:
    """A new feed of the patient's visits, in place of the one before: its token, which nobody can read again."""
    found = case(work, patient).patient
    if outbox.wishes(work.session, patients.key(work.session, patient)).feed is None:
        raise Refused("feed_not_agreed_to")
    known = feeds.of_patient(work.session, patient)
    if known is not None:
        feeds.revoke(work.session, known.public_id, work.now)
    made = Feed(public_id(), FeedKind.PATIENT, work.now, work.actor.name, patient=found.public_id)
    _told_of_patient(work, patient, "made" if known is None else "renewed")
    return _kept(work, made)


def must_be_of(work: Work, patient: str, token: str) -> None:
    """Refused for a token that is not that of the patient's feed, or is it no more."""
    own, found = of_patient(work, patient), feeds.by_token(work.session, digest(token))
    if found is None or found != own:
        raise Refused("not_the_address_of_feed")


def revoke(work: Work, patient: str) -> None:
    """The patient's feed is no more, wherever its address was copied to; NotFound where there is none."""
    found = of_patient(work, patient)
    if found is None:
        raise NotFound("no_such_feed")
    feeds.revoke(work.session, found.public_id, work.now)
    _told_of_patient(work, patient, "revoked")


def _told_of_patient(work: Work, patient: str, what: str) -> None:
    own = patients.key(work.session, patient)
    audit.write(work.session, work.stamp("feed"), "feed:patient", (None, {"what": what}), own)


def own(work: Work) -> tuple[Feed, ...]:
    """The actor's own feeds."""
    return feeds.of_person(work.session, work.actor.login)


def kinds(work: Work) -> tuple[FeedKind, ...]:
    """The kinds that the actor may have."""
    return tuple(kind for kind, roles in MAKERS.items() if work.actor.role in roles)


def make_own(work: Work, kind: FeedKind, site: str, unit: str = "") -> str:
    """A new feed of the actor's; NotFound for a site or unit out of their reach, and for a kind not for their role."""
    if kind not in kinds(work) or site not in work.actor.sites or (kind is FeedKind.UNIT) != bool(unit):
        raise NotFound("no_such_feed")
    made = Feed(public_id(), kind, work.now, work.actor.name, login=work.actor.login, site=site, unit=unit)
    token = _kept(work, made)
    _told_of_own(work, made, "made")
    return token


def revoke_own(work: Work, feed: str) -> None:
    """A feed of the actor's own is no more."""
    found = next((one for one in own(work) if one.public_id == feed), None)
    if found is None:
        raise NotFound("no_such_feed")
    feeds.revoke(work.session, found.public_id, work.now)
    _told_of_own(work, found, "revoked")


def _told_of_own(work: Work, feed: Feed, what: str) -> None:
    named = resources.unit_names(work.session, frozenset({feed.site})).get(feed.unit, "")
    told = {"what": what, "kind": str(feed.kind), "site": feed.site, "unit": named}
    audit.write(work.session, work.stamp("feed"), f"feed:{feed.public_id}", (None, dict(told)), None)


def _kept(work: Work, feed: Feed) -> str:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    feeds.add(work.session, feed, digest(token))
    return token


# ---- asked for by a calendar


def opened(work: Work, token: str) -> Feed | None:
    """The feed of a token; None where the token counts for nothing, whyever.

    It is looked up by its hash, so how long the answer takes tells nothing of a token that is nearly right.
    """
    found = feeds.by_token(work.session, digest(token))
    return found if found is not None and (found.patient or _owner(work, found) is not None) else None


def _owner(work: Work, feed: Feed) -> Actor | None:
    """The person of the staff whose feed it is, while they work here, at its site and in a role that may have it."""
    account = staff.find(work.session, feed.login)
    if account is None or account.disabled is not None:
        return None
    allowed = account.actor.role in MAKERS[feed.kind] and feed.site in account.actor.sites
    return account.actor if allowed else None


def revision(work: Work, feed: Feed) -> str:
    """What differs as soon as the feed's bytes may differ: known before anything is planned or written."""
    state: tuple[object, ...]
    if feed.patient:
        site, state = feeds.state(work.session, feed.patient)
    else:
        site, every = _site(work, feed), patients.every(work.session, frozenset({feed.site}))
        state = tuple((one.public_id, one.version, one.subject_id, one.protocol) for one in every)
    said = (planner.__version__, TZDATA, feed.public_id, site, work.today(site), state)
    return hashlib.sha256(repr(said).encode()).hexdigest()[:40]


def content(work: Work, feed: Feed) -> bytes | None:
    """The calendar; None where the feed has come to its end."""
    return _patients_calendar(work, feed) if feed.patient else _staff_calendar(work, feed)


def used(work: Work, feed: Feed) -> None:
    """A calendar fetched it today: noted once a day, for each fetch would otherwise cost a write."""
    feeds.used(work.session, feed.public_id, work.now.date())


def _of_patient(work: Work, feed: Feed) -> Patient:
    """Whose feed it is; nobody is signed in, the token alone opens this one patient."""
    return patients.find(work.session, feed.patient, None)


def _site(work: Work, feed: Feed) -> Site:
    """That of a feed of the staff."""
    return next(site for site in sites.every(work.session) if site.code == feed.site)


def _patients_calendar(work: Work, feed: Feed) -> bytes | None:
    found = case_of(work, _of_patient(work, feed))
    patient, own = found.patient, patients.key(work.session, feed.patient)
    wishes, sent = outbox.wishes(work.session, own), outbox.sent(work.session, own)
    held = shown(found.schedule, sent, wishes, patient, found.today, _given_back(work, found, feed))
    if held is None:
        return None
    lines = [Line(one, patient.seed, patient.version, patient.changed) for one in held]
    return feed_file(lines, paper_of(found), patient.seed)


def _given_back(work: Work, found: Case, feed: Feed) -> dict[str, Fact]:
    """By visit the last booking that the history knows to be one no more, since this feed was made."""
    bookings: dict[str, Fact] = {}
    for entry in audit.of_patient(work.session, feed.patient):
        kind, _, code = entry.entity.partition(":")
        if kind == "visit" and entry.at >= feed.made and entry.old and entry.old["state"] == State.BOOKED:
            bookings.setdefault(code, payloads.facts_with(found.facts, (entry,), old=True).visits[code])
    return bookings


def _staff_calendar(work: Work, feed: Feed) -> bytes:
    site = _site(work, feed)
    lines = []
    for patient in patients.every(work.session, frozenset({feed.site})):
        found = case_of(work, patient)
        held = staff_shown(found.schedule, patient, feed, found.today)
        lines += [Line(one, patient.seed, patient.version, patient.changed) for one in held]
    paper = Paper(printed=work.today(site), stamp=feed.made, zone=site.zone, site=site.name)
    return feed_file(lines, paper, feed.public_id)
