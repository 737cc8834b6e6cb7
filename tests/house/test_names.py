"""A name that fits everything says nothing."""

from pathlib import PurePath

import pytest

SAYS_NOTHING = {"base", "common", "handler", "helpers", "manager", "models", "utils"}


def empty_names(paths):
    return sorted(str(path) for path in paths if SAYS_NOTHING & {PurePath(part).stem for part in path.parts})


def test_every_file_of_the_planner_is_named_for_what_it_holds(files):
    assert empty_names(path for path in files if path.parts[0] == "planner") == []


@pytest.mark.parametrize("name", sorted(SAYS_NOTHING))
def test_a_name_that_says_nothing_is_refused_for_files_and_folders(name):
    paths = [
        PurePath("planner/core/days.py"),
        PurePath(f"planner/core/{name}.py"),
        PurePath(f"planner/{name}/days.py"),
    ]

    assert empty_names(paths) == sorted([f"planner/core/{name}.py", f"planner/{name}/days.py"])


def test_a_name_that_only_contains_such_a_word_stays():
    assert empty_names([PurePath("planner/store/database.py"), PurePath("planner/core/baseline.py")]) == []
