"""Sites: set up once, told in the audit trail."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sqlmodel import Session, select

from planner.core.errors import Refused
from planner.core.patients import Site
from planner.core.staff import COMMAND_LINE
from planner.services import sites
from planner.store import sites as kept
from planner.store.tables import AuditRow

GHENT = Site("03", "Ghent", "Europe/Brussels", "BE", weekends_closed=False, phone="+32 9 000 00 00", emergency="112")


@pytest.fixture
def add(office):
    def do(site):
        with office.begin(COMMAND_LINE) as work:
            sites.add(work, site)

    return do


@pytest.fixture
def known(office):
    def read(reach=None):
        with office.look(COMMAND_LINE) as work:
            return kept.every(work.session, reach)

    return read


def test_a_site_is_saved_as_it_is_given(add, known):
    add(GHENT)

    assert [site.code for site in known()] == ["01", "02", "03"]
    assert known(frozenset({"03", "99"})) == (GHENT,)


def test_a_new_site_is_told_by_whom(add, database):
    add(GHENT)

    with Session(database.engine) as session:
        row = session.exec(select(AuditRow).where(AuditRow.entity == "site:03")).one()
    told = {"code": "03", "name": "Ghent", "zone": "Europe/Brussels", "holidays": "BE"}
    assert (row.actor, row.role, row.action, row.old, json.loads(row.new), row.patient_id) == (
        *("Command line", None, "add_site", None, told, None),
    )


def test_a_code_is_given_once(add, known, refused):
    said = refused(add, Site("01", "Another Brussels", "Europe/Brussels"), kind=Refused)

    assert said == "A site 01 is there already. Choose another code."
    assert len(known()) == 2


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"name": "Dagziekenhuis Oncologie, Gent"}, "The name"),
        ({"phone": "09 332 00 00 (oncology)"}, "The phone"),
        ({"emergency": "Kankerlijn 112"}, "The emergency number"),
    ],
)
def test_what_every_mail_says_names_no_illness(add, known, refused, fields, what):
    said = refused(add, replace(GHENT, **fields), kind=Refused)

    assert said == (
        f"{what} stands in mails, calendars and papers that other people can read, and it names an illness, its "
        "treatment or a study. Write it without, such as the name of the hospital alone."
    )
    assert len(known()) == 2


def test_unknown_holidays_are_refused(add, known, refused):
    said = refused(add, Site("03", "Nowhere", "Europe/Brussels", "XX"), kind=Refused)

    assert said == (
        "No public holidays are known for XX. Give the code of a country, such as BE, or of one of its regions."
    )
    assert len(known()) == 2
