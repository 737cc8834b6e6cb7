"""The protocols known: those that come with the planner, and a folder of the site's own."""

from __future__ import annotations

import pytest

from planner.core.errors import NotFound, Refused
from planner.exports.refusals import sentence
from planner.protocols.faults import ProtocolRefused
from planner.services.protocols import SHIPPED, Library, library, shipped

SHRINK = ("NCT03310008", "0.1 illustrative")
SECOND = """\
format = 1

[protocol]
id = "T"
name = "Trial"
version = "1"
numbering = "day 1"
reference = "day_one"

[[date]]
code = "day_one"
name = "Day 1"

[[epoch]]
code = "main"
name = "Main"

[[encounter]]
code = "V1"
epoch = "main"
name = "Visit 1"
timing = { day = 1 }
"""


@pytest.fixture
def folder(tmp_path):
    """A folder with these protocol files."""

    def made(**files):
        for name, content in files.items():
            (tmp_path / f"{name}.toml").write_text(content)
        return tmp_path

    return made


def test_the_illustrative_protocol_comes_with_the_planner():
    assert list(library(None).protocols) == list(shipped()) == [SHRINK]
    assert library(None) == Library()


def test_a_folder_adds_its_protocols(folder):
    found = library(folder(second=SECOND, third=SECOND.replace('version = "1"', 'version = "2"')))

    assert set(found.protocols) == {SHRINK, ("T", "1"), ("T", "2")}
    assert found.find(("T", "2")).version == "2"
    assert found.find(SHRINK) is shipped()[SHRINK]


def test_an_empty_folder_adds_none_and_other_files_are_left_alone(folder, tmp_path):
    (tmp_path / "notes.txt").write_text("no protocol")

    assert library(folder()) == Library()


@pytest.mark.parametrize("name", [("T", "1"), ("NCT03310008", "0.2"), ("", "")])
def test_an_unknown_protocol_is_not_found(name):
    with pytest.raises(NotFound) as error:
        Library().find(name)

    assert sentence(error.value) == "There is no such protocol. Choose one of the list."


def test_a_broken_file_is_refused_with_its_name_and_what_is_wrong(folder, tmp_path):
    given = folder(first=SECOND, second=SECOND.replace('reference = "day_one"\n', ""))

    with pytest.raises(ProtocolRefused) as error:
        library(given)

    head, *faults = sentence(error.value).splitlines()
    assert head == f"{tmp_path}/second.toml cannot be planned by:"
    assert len(faults) >= 1


@pytest.mark.parametrize("name", ["missing", "file"])
def test_a_folder_that_there_is_not_is_refused(tmp_path, name):
    (tmp_path / "file").touch()

    with pytest.raises(Refused) as error:
        library(tmp_path / name)

    assert sentence(error.value) == f"There is no folder {tmp_path}/{name}. Make it, or name another one."


def test_two_files_of_one_protocol_and_version_are_refused(folder):
    """Patients are bound to id and version: which of the two they are planned by must not hang on a file's name."""
    given = folder(first=SECOND, second=SECOND.replace("day = 1 }", "day = 8 }"))

    with pytest.raises(Refused):
        library(given)


def test_a_file_cannot_take_the_place_of_a_shipped_protocol(folder):
    """The patients enrolled by it would be planned anew without an act."""
    changed = (SHIPPED / "shrink.toml").read_text(encoding="utf-8").replace("most = 36", "most = 99")

    with pytest.raises(Refused):
        library(folder(shrink=changed))
