"""What is printed from the pages: by whom, with which name, and what the history tells of it."""

import json
from datetime import timedelta
from io import BytesIO

import pikepdf
import pytest
from pypdf import PdfReader
from sqlmodel import Session, select

from planner.services import cases, prints
from planner.store.prints import Prints
from planner.store.tables import AuditRow


@pytest.fixture
def public_id(enrolled):
    return enrolled()


@pytest.fixture
def told(database):
    """What was written of files that were taken away."""

    def read():
        with Session(database.engine) as session:
            found = session.exec(select(AuditRow).where(AuditRow.action == "export").order_by(AuditRow.id)).all()
        return [(row.entity, json.loads(row.new)) for row in found]

    return read


def words(answer):
    return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(answer.get_data())).pages)


def test_the_page_leads_to_both_papers_in_the_patients_language_first(nurse, public_id):
    nurse.get(f"/patients/{public_id}/print")

    made = [link for link in nurse.page.links if ".pdf" in link]
    languages = ("nl", "fr", "de", "en")
    assert made == [
        f"/patients/{public_id}/{name}.pdf?language={one}" for name in ("sheet", "visits") for one in languages
    ]


def test_the_sheet_is_the_one_that_the_services_make(nurse, office, staff, public_id):
    with office.look(staff["nurse"]) as work:
        case = cases.case(work, public_id)

    answer = nurse.get(f"/patients/{public_id}/sheet.pdf")

    assert answer.get_data() == prints.sheet(case)
    assert (answer.content_type, answer.headers["Content-Disposition"], answer.headers["Cache-Control"]) == (
        "application/pdf",
        'attachment; filename="sheet.pdf"',
        "no-store",
    )


@pytest.mark.parametrize(
    ("language", "title"),
    [("nl", "Uw bezoeken"), ("fr", "Vos visites"), ("de", "Ihre Besuche"), ("en", "Your visits"), ("", "Uw bezoeken")],
)
@pytest.mark.parametrize("paper", ["sheet", "visits"])
def test_both_papers_are_there_in_every_language(nurse, public_id, paper, language, title):
    answer = nurse.get(f"/patients/{public_id}/{paper}.pdf", query={"language": language})

    assert words(answer).count(title) >= 1


@pytest.mark.parametrize("language", ["it", "../nl", "\0", "x" * 5000])
@pytest.mark.parametrize("paper", ["sheet.pdf", "visits.pdf", "visits.ics"])
def test_another_language_is_refused_with_those_that_there_are(nurse, public_id, paper, language):
    nurse.get(f"/patients/{public_id}/{paper}", status=422, query={"language": language})

    assert "Choose one of: nl, fr, de, en." in nurse.page.said


def test_a_sheet_tells_which_one_it_replaces(nurse, public_id, clock):
    path, visit = f"/patients/{public_id}/sheet.pdf?language=en", f"/patients/{public_id}/visits/C4D1"
    assert "Replaces earlier versions." in words(nurse.get(path))
    clock.now += timedelta(minutes=5)
    nurse.post(f"{visit}/book", at=visit, day="2025-04-15", book="x")

    assert "Replaces the version of Monday 24 February 2025." in words(nurse.get(path))


def test_the_history_tells_of_each_paper(nurse, public_id, told):
    nurse.get(f"/patients/{public_id}/sheet.pdf")
    nurse.get("/binder.pdf", query={"patient": public_id})
    nurse.get("/week.pdf", query={"from": "2025-03-03"})

    found = told()
    rows = found[2][1].pop("rows")
    assert rows > 0
    assert found == [
        ("export:sheet", {"kind": "sheet"}),
        ("export:binder", {"kind": "binder"}),
        ("history", {"kind": "pdf", "sought": "site 01 from 2025-03-03", "what": "week list"}),
    ]
    nurse.get(f"/patients/{public_id}/history")
    assert "Took away the patient's fridge sheet." in nurse.page.said
    assert "Took away the patient's printed schedule, in a binder." in nurse.page.said


def test_the_binder_holds_those_who_are_ticked(nurse, public_id, enrolled):
    other = enrolled("01-002")
    nurse.get("/binder")
    assert ("01-001" in nurse.page.said, "01-002" in nurse.page.said) == (True, True)

    answer = nurse.get("/binder.pdf", query={"site": "01", "patient": other})

    assert answer.headers["Content-Disposition"] == 'attachment; filename="binder.pdf"'
    with pikepdf.open(BytesIO(answer.get_data())).open_outline() as outline:
        assert [item.title for item in outline.root][1:] == ["01-002"]


def test_a_binder_of_nobody_is_refused_with_a_sentence(nurse, public_id):
    nurse.get("/binder.pdf", status=422)

    assert "Nobody is chosen, so there is nothing to bind." in nurse.page.said


@pytest.mark.parametrize("query", [{"site": "02"}, {"site": "99"}, {"patient": "A" * 22}, {"patient": "\0"}])
def test_nobody_elses_patients_are_bound(nurse, public_id, enrolled, query):
    foreign = enrolled("02-001", site="02")

    for patient in (query.get("patient", public_id), foreign):
        nurse.get("/binder.pdf", status=404, query={**query, "patient": patient})


@pytest.mark.parametrize("login", ["pharmacist", "monitor", "medical_monitor", "investigator"])
def test_only_the_nurse_binds_and_nobody_else_is_led_to_it(signed_in, public_id, login):
    reader = signed_in(login)

    reader.get("/binder", status=403)
    reader.get("/binder.pdf", status=403)

    assert "/binder" not in reader.get("/patients").get_data(as_text=True)


def test_a_site_without_patients_has_no_binder(nurse):
    nurse.get("/binder")

    assert "There is nobody at this site for whom the study goes on." in nurse.page.said


def test_the_week_is_a_paper_and_a_day_that_is_none_is_refused(nurse, public_id):
    answer = nurse.get("/week.pdf", query={"from": "2025-03-03"})

    assert "01-001" in words(answer)
    assert "FOLFOX 1 (C1D1)" in words(answer)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="week.pdf"'
    nurse.get("/week.pdf", status=422, query={"from": "2025-02-30"})
    nurse.get("/week.pdf", status=404, query={"site": "02"})


@pytest.mark.parametrize("path", ["sheet.pdf", "print"])
def test_a_foreign_patient_is_not_found(nurse, enrolled, path):
    nurse.get(f"/patients/{enrolled('02-001', site='02')}/{path}", status=404)


def test_with_the_end_of_the_study_the_booklet_that_was_kept_is_gone(nurse, public_id, app, tmp_path, monkeypatch):
    kept = Prints(tmp_path / "prints")
    monkeypatch.setitem(app.extensions, "prints", kept)
    nurse.get("/binder.pdf", query={"site": "01", "patient": public_id})
    assert [path.parent.name for path in kept.folder.rglob("*.pdf")] == [public_id]

    end = f"/patients/{public_id}/end"
    nurse.read_and_save(end, at=end, day="2025-02-24", because="death", note="told by telephone")

    assert list(kept.folder.rglob("*")) == []
