"""Who may call what: every route, every role, a patient of the own and of a foreign site."""

import re
from uuid import UUID

import pytest
from flask import Blueprint, Flask

from planner.core.staff import Role
from planner.web import access
from planner.web.access import Undeclared

ANYBODY = {role.value for role in Role}
READERS = ANYBODY - {"admin"}
WRITERS = {"nurse", "investigator"}

# endpoint -> methods, who may; None: everybody, signed in or not
TABLE = {
    "accounts.change": ({"POST"}, {"admin"}),
    "accounts.new": ({"GET", "POST"}, {"admin"}),
    "accounts.sign_in": ({"GET", "POST"}, None),
    "accounts.sign_out": ({"POST"}, None),
    "accounts.staff": ({"GET"}, {"admin"}),
    "accounts.welcome": ({"GET", "POST"}, None),
    "agenda.today": ({"GET"}, READERS),
    "agenda.week": ({"GET"}, READERS),
    "contacts.agree": ({"GET", "POST"}, {"nurse"}),
    "deviations.paper": ({"GET"}, READERS - {"pharmacist"}),
    "deviations.show": ({"GET"}, READERS - {"pharmacist"}),
    "deviations.table": ({"GET"}, READERS - {"pharmacist"}),
    "feeds.make": ({"POST"}, {"nurse"}),
    "feeds.own": ({"GET", "POST"}, {"nurse", "investigator", "pharmacist"}),
    "feeds.revoke": ({"POST"}, {"nurse"}),
    "feeds.revoke_own": ({"POST"}, {"nurse", "investigator", "pharmacist"}),
    "feeds.show": ({"GET"}, None),
    "healthz": ({"GET"}, None),
    "history.every": ({"GET"}, ANYBODY - {"pharmacist"}),
    "history.review": ({"POST"}, {"investigator", "monitor", "medical_monitor"}),
    "history.show": ({"GET"}, READERS),
    "history.take_away": ({"GET"}, ANYBODY - {"pharmacist"}),
    "messages.cleared": ({"POST"}, {"nurse"}),
    "messages.phoned": ({"POST"}, {"nurse"}),
    "patients.contact": ({"GET", "POST"}, {"nurse"}),
    "patients.decide": ({"GET", "POST"}, {"investigator"}),
    "courses.end": ({"GET", "POST"}, WRITERS),
    "patients.enrol": ({"GET", "POST"}, WRITERS),
    "patients.home": ({"GET"}, ANYBODY),
    "patients.listing": ({"GET"}, READERS),
    "courses.redate": ({"GET", "POST"}, WRITERS),
    "courses.reopen": ({"POST"}, WRITERS),
    "patients.show": ({"GET"}, READERS),
    "patients.take_away": ({"GET"}, WRITERS),
    "prints.binder": ({"GET"}, {"nurse"}),
    "prints.choose": ({"GET"}, {"nurse"}),
    "prints.sheet": ({"GET"}, WRITERS),
    "prints.sheet_with_feed": ({"POST"}, {"nurse"}),
    "prints.show": ({"GET"}, WRITERS),
    "prints.week": ({"GET"}, READERS),
    "absences.away": ({"GET", "POST"}, WRITERS),
    "absences.back": ({"POST"}, WRITERS),
    "agenda.called": ({"POST"}, WRITERS),
    "portal.ask": ({"POST"}, None),
    "portal.enter": ({"POST"}, None),
    "portal.leave": ({"POST"}, None),
    "portal.link": ({"GET"}, None),
    "portal.say": ({"POST"}, None),
    "portal.show": ({"GET"}, None),
    "portal.take_away": ({"GET"}, None),
    "protocols.show": ({"GET"}, ANYBODY),
    "resources.add_unit": ({"POST"}, {"admin"}),
    "resources.close": ({"POST"}, {"admin"}),
    "resources.hours": ({"GET", "POST"}, {"admin"}),
    "resources.listing": ({"GET"}, {"admin"}),
    "resources.open_day": ({"POST"}, {"admin"}),
    "resources.show": ({"GET"}, {"admin"}),
    "resources.withdraw": ({"POST"}, {"admin"}),
    "disruption.accept": ({"POST"}, WRITERS),
    "disruption.close": ({"POST"}, {"admin"}),
    "disruption.show": ({"GET"}, WRITERS | {"admin"}),
    "replanning.show": ({"GET", "POST"}, WRITERS),
    "search.show": ({"GET"}, READERS),
    "static": ({"GET"}, None),
    "swapping.show": ({"GET", "POST"}, WRITERS),
    **dict.fromkeys(
        (f"attendances.{verb}" for verb in ("combine", "confirm", "decide", "repeat", "separate")), ({"POST"}, WRITERS)
    ),
    "undoing.redo": ({"POST"}, WRITERS),
    "undoing.undo": ({"POST"}, WRITERS),
    "visits.add": ({"GET", "POST"}, WRITERS),
    "visits.book": ({"POST"}, WRITERS),
    "visits.record": ({"POST"}, WRITERS),
    "visits.show": ({"GET"}, READERS),
    "visits.take_back": ({"POST"}, WRITERS),
    "ward.show": ({"GET"}, READERS),
}
VALUES = {"code": "C4D1", "kind": "ics", "act": "enable", "filename": "css/base.css", "uid": UUID(int=1)} | {
    "unit": "A" * 22,
    "what": "closures",
    "which": "A" * 22,
    "token": "B" * 43,
    "visit": "B" * 22,
    "word": "seen",
}
OF_A_CODE = {"courses.redate": "day_one", "patients.decide": "resectable"} | {
    **{f"resources.{name}": "01" for name in ("add_unit", "close", "hours", "open_day", "show", "withdraw")},
    **{f"disruption.{name}": "01" for name in ("accept", "close", "show")},
}
OF_A_KIND = {"history.take_away": "csv"}


def routes(app):
    return {rule.endpoint: rule.methods - {"HEAD", "OPTIONS"} for rule in app.url_map.iter_rules()}


def address(app, endpoint, public_id):
    """The address of an endpoint, for one patient or account."""
    rule = next(rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint)
    values = VALUES | {"public_id": public_id} | ({"code": OF_A_CODE[endpoint]} if endpoint in OF_A_CODE else {})
    values["kind"] = OF_A_KIND.get(endpoint, values["kind"])
    with app.test_request_context():
        return app.url_for(endpoint, **{name: values[name] for name in rule.arguments})


def calls(app, public_id):
    return [
        (endpoint, method, address(app, endpoint, public_id))
        for endpoint, (methods, _) in TABLE.items()
        for method in sorted(methods)
    ]


def status(browser, method, path, token=None):
    with browser.client.open(path, method=method, data={"csrf_token": token} if token else None) as response:
        return response.status_code


def test_the_table_names_every_route_and_its_methods(app):
    assert {endpoint: methods for endpoint, (methods, _) in TABLE.items()} == routes(app)


def test_every_endpoint_declares_what_the_table_says(app):
    declared = {endpoint: access.permission(app, endpoint) for endpoint in routes(app)}

    assert {e: {role.value for role in roles} for e, roles in declared.items()} == {
        endpoint: who or set() for endpoint, (_, who) in TABLE.items()
    }


def test_an_endpoint_that_declares_nothing_stops_the_start():
    app = Flask("planted")
    pages = Blueprint("planted", __name__)
    pages.add_url_rule("/silent", "silent", lambda: "secret")
    app.register_blueprint(pages)

    with pytest.raises(Undeclared, match=r"planted\.silent"):
        access.all_declared(app)


def test_a_permission_names_a_role():
    with pytest.raises(Undeclared):
        access.require()


@pytest.mark.parametrize("login", [*sorted(ANYBODY), "elsewhere"])
def test_each_role_reaches_what_the_table_gives_it_and_nothing_else(app, signed_in, enrolled, login):
    """Without its token a POST that may be made answers 400; one that may not, 403 before anything is read."""
    public_id = enrolled() if login != "elsewhere" else enrolled("02-001", site="02")
    browser = signed_in(login)
    role = "nurse" if login == "elsewhere" else login

    answers = {(e, m): status(browser, m, path) for e, m, path in calls(app, public_id)}

    assert answers == {
        (e, m): (403 if who is not None and role not in who else 400 if m == "POST" else _got(e, login))
        for e, (methods, who) in TABLE.items()
        for m in methods
    }


def _got(endpoint, login):
    """No unit has that id, no feed that token, nobody is chosen; the site is not that of the nurse from elsewhere."""
    found = {"patients.home": 302, "prints.binder": 422}
    found |= dict.fromkeys(("resources.hours", "feeds.show", "portal.take_away"), 404)
    return (found | ({"disruption.show": 404} if login == "elsewhere" else {})).get(endpoint, 200)


@pytest.mark.parametrize("login", sorted(ANYBODY - {"medical_monitor", "admin"}))
@pytest.mark.parametrize("unknown", [False, True])
def test_a_foreign_and_an_unknown_patient_are_not_found_alike(app, signed_in, enrolled, login, unknown):
    foreign = "AAAAAAAAAAAAAAAAAAAAAA" if unknown else enrolled("02-001", site="02")
    browser = signed_in(login)
    mine = [(e, m, p) for e, m, p in calls(app, foreign) if foreign in p and login in TABLE[e][1]]
    token = _token(browser)

    answers = {(e, m): status(browser, m, path, token) for e, m, path in mine}

    assert answers == {(e, m): 404 for e, m, _ in mine}
    assert len(mine) > 2


def _token(browser):
    browser.get("/patients")
    return browser.page.text.split('name="csrf_token" value="')[1].split('"')[0]


def test_a_medical_monitor_sees_every_site(signed_in, enrolled):
    foreign = enrolled("02-001", site="02")

    assert signed_in("medical_monitor").get(f"/patients/{foreign}").status_code == 200


def test_the_same_words_answer_a_foreign_and_an_unknown_patient(nurse, enrolled):
    foreign = nurse.get(f"/patients/{enrolled('02-001', site='02')}", status=404).get_data()
    unknown = nurse.get("/patients/AAAAAAAAAAAAAAAAAAAAAA", status=404).get_data()

    assert _without_nonce(foreign) == _without_nonce(unknown)


def _without_nonce(page):
    return re.sub(rb'(nonce|value)="[^"]*"', b"", page)


def test_whoever_is_not_signed_in_is_asked_to_and_then_goes_on(app, browser, enrolled):
    path = f"/patients/{enrolled()}?visits=todo"

    browser.get(path, status=303)
    browser.follow()
    browser.post(
        browser.response.request.path,
        at=browser.response.request.full_path,
        login="nurse",
        password="x" * 20,
        status=422,
    )

    assert browser.page.said.count("do not belong together") == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_a_sign_in_only_the_public_routes_answer(app, browser, enrolled, method):
    public_id = enrolled()
    own = [(e, path) for e, m, path in calls(app, public_id) if m == method]

    answers = {e: status(browser, method, path) for e, path in own}

    assert {e for e, status in answers.items() if status not in (303, 400)} == {
        e for e, _ in own if TABLE[e][1] is None and method == "GET"
    }
