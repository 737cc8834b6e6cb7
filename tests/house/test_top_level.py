"""What a new user finds at the top: two commands that start, locks that can be trusted, pages to read."""

import os
import re
import tomllib

import pytest

PAGES = ["CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md", "SECURITY.md"]
LOCKS = ["requirements.lock", "requirements-dev.lock", "requirements-uv.lock"]
PIN = re.compile(
    r"^([a-z0-9-]+==[^ \\]+(?: ; [^\\]+?)?) \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.MULTILINE
)


def pins(lock):
    """Each package of a lock file, with its hashes."""
    return {name: tuple(sorted(hashes.replace("\\", "").split())) for name, hashes in PIN.findall(lock)}


def unpinned(lock):
    """The lines of a lock file that are no pinned and hashed package: an option, a path, a bare name."""
    return [line for line in PIN.sub("", lock).splitlines() if line.strip() and not line.startswith("    #")]


@pytest.fixture(scope="module")
def locks(root):
    return {name: (root / name).read_text(encoding="utf-8") for name in LOCKS}


@pytest.mark.parametrize("page", PAGES)
def test_the_page_exists_and_says_something(root, page):
    assert (root / page).read_text(encoding="utf-8").strip() != ""


@pytest.mark.parametrize(("script", "shell"), [("run", "sh"), (".ci/run", "bash")])
def test_the_script_can_be_started_and_has_no_fault_of_syntax(call, root, script, shell):
    assert os.access(root / script, os.X_OK)

    checked = call(shell, "-n", script, cwd=root)

    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("name", LOCKS)
def test_every_line_of_a_lock_is_a_pinned_and_hashed_package(locks, name):
    assert unpinned(locks[name]) == []
    assert pins(locks[name]) != {}


def test_the_development_lock_holds_the_other_one_unchanged(locks):
    installed, developed = pins(locks["requirements.lock"]), pins(locks["requirements-dev.lock"])

    assert {name: developed.get(name) for name in installed} == installed


def test_every_dependency_that_is_named_is_locked(root, locks):
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]

    names = {re.split(r"[<>=]", each)[0].lower() for each in wanted}

    assert names - {pin.split("==")[0] for pin in pins(locks["requirements-dev.lock"])} == set()


@pytest.mark.parametrize(
    "line",
    [
        "flask==3.1.3",
        "flask>=3",
        "-e .",
        "--index-url somewhere",
        "./wheels/flask.whl",
        "flask==3.1.3 \\\n    --hash=sha256:abc",
    ],
)
def test_a_line_that_is_not_pinned_and_hashed_is_found(line):
    hashed = "click==8.5.1 \\\n    --hash=sha256:" + "0" * 64 + "\n    # via flask\n"

    assert unpinned(hashed) == []
    assert unpinned(f"{hashed}{line}\n") == line.splitlines()
