"""What a new user finds at the top: two commands that start, locks that can be trusted, pages to read."""

import os
import re
import tomllib

import pytest

PAGES = ["CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md", "SECURITY.md"]
SCRIPTS = {"run": "sh", ".ci/run": "bash"}
LOCKS = ["requirements.lock", "requirements-dev.lock", "requirements-uv.lock"]
PIN = re.compile(
    r"^([a-z0-9-]+==[^ \\]+(?: ; [^\\]+?)?) \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.MULTILINE
)


def pinned(name, digit):
    """A line as it should be."""
    return f"{name} \\\n    --hash=sha256:{digit * 64}\n"


def pins(lock):
    """Each package of a lock file, with its hashes."""
    return {name: tuple(sorted(hashes.replace("\\", "").split())) for name, hashes in PIN.findall(lock)}


def unpinned(lock):
    """The lines of a lock file that are no pinned and hashed package: an option, a path, a bare name."""
    return [line for line in PIN.sub("", lock).splitlines() if line.strip() and not line.startswith("    #")]


def changed(lock, wider):
    """The packages of a lock that the wider one lacks or holds in another version or with other hashes."""
    other = pins(wider)
    return [pin for pin, hashes in pins(lock).items() if other.get(pin) != hashes]


def unlocked(dependencies, lock):
    locked = {pin.split("==")[0] for pin in pins(lock)}
    return sorted({re.split(r"[<>=]", name)[0].lower() for name in dependencies} - locked)


def missing_pages(root):
    return [page for page in PAGES if not (root / page).is_file() or not (root / page).read_text("utf-8").strip()]


def cannot_start(script):
    return not (script.is_file() and os.access(script, os.X_OK))


@pytest.fixture(scope="module")
def locks(root):
    return {name: (root / name).read_text("utf-8") for name in LOCKS}


@pytest.fixture
def fault_of_syntax(call):
    """What the shell says of a script that it only reads."""
    return lambda shell, script: call(shell, "-n", script, cwd=script.parent).stderr


def test_every_page_is_there_and_says_something(root):
    assert missing_pages(root) == []


def test_a_missing_or_an_empty_page_is_found(tmp_path):
    for page in PAGES[2:]:
        (tmp_path / page).write_text("Words.\n")
    (tmp_path / PAGES[1]).write_text("\n")

    assert missing_pages(tmp_path) == PAGES[:2]


@pytest.mark.parametrize(("script", "shell"), SCRIPTS.items())
def test_the_script_can_be_started_and_has_no_fault_of_syntax(fault_of_syntax, root, script, shell):
    assert not cannot_start(root / script)
    assert fault_of_syntax(shell, root / script) == ""


@pytest.mark.parametrize("shell", SCRIPTS.values())
def test_a_script_that_cannot_be_started_or_read_is_found(fault_of_syntax, tmp_path, shell):
    script = tmp_path / "run"
    script.write_text("if true; then\n")

    assert cannot_start(script)
    assert cannot_start(tmp_path / "absent")
    assert fault_of_syntax(shell, script) != ""


@pytest.mark.parametrize("name", LOCKS)
def test_every_line_of_a_lock_is_a_pinned_and_hashed_package(locks, name):
    assert unpinned(locks[name]) == []
    assert pins(locks[name]) != {}


def test_the_development_lock_holds_the_other_one_unchanged(locks):
    assert changed(locks["requirements.lock"], locks["requirements-dev.lock"]) == []


def test_every_dependency_that_is_named_is_locked(root, locks):
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))

    assert unlocked(project["project"]["dependencies"], locks["requirements.lock"]) == []
    assert unlocked(project["dependency-groups"]["dev"], locks["requirements-dev.lock"]) == []


@pytest.mark.parametrize(
    ("lock", "wider", "faults"),
    [
        (pinned("click==8", "0"), pinned("click==8", "0") + pinned("mypy==2", "1"), []),
        (pinned("click==8", "0"), pinned("mypy==2", "1"), ["click==8"]),
        (pinned("click==8", "0"), pinned("click==9", "0"), ["click==8"]),
        (pinned("click==8", "0"), pinned("click==8", "1"), ["click==8"]),
    ],
    ids=["more", "absent", "another version", "another hash"],
)
def test_a_difference_between_the_locks_is_found(lock, wider, faults):
    assert changed(lock, wider) == faults


def test_a_dependency_without_a_lock_is_found():
    assert unlocked(["Click>=8", "flask", "mypy<3"], pinned("click==8", "0")) == ["flask", "mypy"]


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
    hashed = pinned("click==8.5.1", "0") + "    # via flask\n"

    assert unpinned(hashed) == []
    assert unpinned(f"{hashed}{line}\n") == line.splitlines()
