"""Prints that are kept: found again by what they are made of, one for each patient, gone with the patient."""

import stat

import pytest

from planner.core.errors import Refused
from planner.store.prints import Prints

ANNA, BERT = "A" * 22, "B" * 22


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "prints"


@pytest.fixture
def kept(folder):
    """Asks for a print, and says whether it was made for that."""
    prints = Prints(folder)

    def ask(patient, key, content=b"%PDF-1"):
        made = []
        found = prints.kept(patient, key, lambda: made.append(key) or content)
        return found, bool(made)

    return ask


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_what_was_made_before_is_not_made_again(kept):
    assert [kept(ANNA, "k"), kept(ANNA, "k", b"other")] == [(b"%PDF-1", True), (b"%PDF-1", False)]


def test_only_the_newest_print_of_a_patient_is_kept(kept, folder):
    for key in ("one", "two"):
        kept(ANNA, key)
    kept(BERT, "one")

    assert files(folder) == [f"{ANNA}/two.pdf", f"{BERT}/one.pdf"]


def test_nobody_else_can_read_them(kept, folder):
    kept(ANNA, "k")

    modes = [stat.S_IMODE(path.stat().st_mode) for path in (folder, folder / ANNA, folder / ANNA / "k.pdf")]
    assert modes == [0o700, 0o700, 0o600]


def test_without_a_folder_each_is_made_anew():
    made = []
    for _ in range(2):
        Prints().kept(ANNA, "k", lambda: made.append(1) or b"")
    Prints().forget(ANNA)
    Prints().keep_only(())

    assert made == [1, 1]


def test_a_print_that_cannot_be_written_is_handed_over_all_the_same(folder, kept):
    folder.write_text("a file where the folder should be")

    assert kept(ANNA, "k") == (b"%PDF-1", True)


def test_a_patient_who_is_gone_leaves_nothing(kept, folder):
    kept(ANNA, "k")
    kept(BERT, "k")
    (folder / ANNA / "left.part").write_text("cut off")

    Prints(folder).forget(ANNA)

    assert (files(folder), (folder / ANNA).exists()) == ([f"{BERT}/k.pdf"], False)


def test_whoever_is_not_among_those_to_keep_goes_and_nothing_that_is_not_ours(kept, folder):
    kept(ANNA, "k")
    kept(BERT, "k")
    (folder / "letters").mkdir()
    (folder / "letters" / "mine.pdf").write_text("mine")
    (folder / BERT / "mine.txt").write_text("mine")

    Prints(folder).keep_only({ANNA})

    assert files(folder) == [f"{ANNA}/k.pdf", f"{BERT}/mine.txt", "letters/mine.pdf"]


def test_a_folder_in_a_place_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(Refused) as refused:
        Prints(tmp_path / "absent" / "prints")

    assert refused.value.values == {"folder": str(tmp_path / "absent")}
