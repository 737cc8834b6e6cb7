"""What the script `run` hands to the planner, with a Python that only tells how it was called."""

import shutil
import stat

import pytest

MADE = "made from this lock"
TELLS = f"""#!/bin/sh
case "$*" in
    *" - "*) cat >/dev/null; echo "{MADE}" ;;
    *) for word in "$@"; do echo "word: $word"; done
       echo "where: $PWD"
       for name in PYTHONPATH PYTHONTZPATH PYTHONHOME XDG_RUNTIME_DIR; do
           eval "echo \\"$name: \\${{$name-unset}}\\""
       done ;;
esac
"""


@pytest.fixture
def checkout(root, tmp_path):
    """A checkout that is set up, in a folder with a space in its name."""
    top = tmp_path / "visit planner"
    (top / ".venv" / "bin").mkdir(parents=True)
    shutil.copy(root / "run", top / "run")
    (top / ".venv" / "made-from-requirements.lock").write_text(f"{MADE}\n")
    python = top / ".venv" / "bin" / "python"
    python.write_text(TELLS)
    python.chmod(0o755)
    return top


@pytest.fixture
def told(call, checkout, tmp_path):
    """Starts `run` from another folder and returns what Python was told."""

    def start(*arguments, script=checkout / "run", **environment):
        done = call(script, *arguments, cwd=tmp_path, TMPDIR=str(tmp_path), **environment)
        assert (done.returncode, done.stderr) == (0, "")
        said = [line.split(": ", 1) for line in done.stdout.splitlines()]
        return [value for name, value in said if name == "word"], dict(said)

    return start


def test_run_hands_every_word_over_as_it_was_given(told):
    words, _ = told("schedule", "a file.toml", "--date", "*", "")

    assert words == ["-P", "-m", "planner", "schedule", "a file.toml", "--date", "*", ""]


def test_run_alone_asks_for_help(told):
    words, _ = told()

    assert words == ["-P", "-m", "planner", "--help"]


def test_run_stays_in_the_folder_of_the_caller(told, tmp_path):
    _, said = told("check", "my.toml")

    assert said["where"] == str(tmp_path)


def test_run_sets_the_surroundings_of_python(told, checkout, tmp_path):
    _, said = told("check", PYTHONPATH="/elsewhere", PYTHONHOME="/elsewhere", PYTHONTZPATH="/usr/share/zoneinfo")

    private = tmp_path / said["XDG_RUNTIME_DIR"]
    assert {name: said[name] for name in ("PYTHONPATH", "PYTHONTZPATH", "PYTHONHOME")} == {
        "PYTHONPATH": str(checkout),
        "PYTHONTZPATH": "",
        "PYTHONHOME": "unset",
    }
    assert private.parent == tmp_path
    assert stat.S_IMODE(private.stat().st_mode) == stat.S_IRWXU


def test_run_keeps_the_runtime_folder_of_the_login(told):
    _, said = told("check", XDG_RUNTIME_DIR="/run/user/1000")

    assert said["XDG_RUNTIME_DIR"] == "/run/user/1000"


def test_run_takes_no_runtime_folder_that_is_a_link(told, tmp_path):
    _, said = told("check")
    taken = tmp_path / said["XDG_RUNTIME_DIR"]
    taken.rmdir()
    taken.symlink_to("/")

    _, again = told("check")

    assert again["XDG_RUNTIME_DIR"] != str(taken)


def test_run_finds_its_folder_through_a_link(told, checkout, tmp_path):
    link = tmp_path / "planner"
    link.symlink_to(checkout / "run")

    _, said = told("check", script=link)

    assert said["PYTHONPATH"] == str(checkout)


NEEDED = ("sh", "cat", "dirname", "grep", "id", "mkdir", "mktemp", "readlink", "rm", "tail", "touch")
FAKE = """#!/bin/sh
echo "$@" >>"$TMPDIR/npm-said"
mkdir -p "$2/node_modules"
touch "$2/node_modules/.package-lock.json"
"""


@pytest.fixture
def parsers(call, checkout, tmp_path):
    """Starts the tests on a machine that has `run`'s own tools and a npm, and no apt-get; what npm was told."""
    (checkout / ".venv" / "made-from-requirements-dev.lock").write_text(f"{MADE}\n")
    (checkout / "tests" / "clients").mkdir(parents=True)
    (checkout / "tests" / "clients" / "package-lock.json").write_text("{}")
    (tmp_path / "bin").mkdir()
    for name in NEEDED:
        (tmp_path / "bin" / name).symlink_to(shutil.which(name))
    for name in ("npm", "node"):
        (tmp_path / "bin" / name).write_text(FAKE)
        (tmp_path / "bin" / name).chmod(0o755)

    def start(*arguments):
        done = call(
            checkout / "run", "test", *arguments, cwd=tmp_path, TMPDIR=str(tmp_path), PATH=str(tmp_path / "bin")
        )
        assert (done.returncode, "word: pytest" in done.stdout) == (0, True)
        said = tmp_path / "npm-said"
        return said.read_text().splitlines() if said.exists() else []

    return start


def test_the_parsers_of_the_tests_are_installed_once_from_their_lock_and_run_no_script(parsers, checkout):
    wanted = f"--prefix {checkout}/tests/clients ci --ignore-scripts --no-audit --no-fund --fetch-retries=1"

    assert (parsers("tests/core"), parsers("-m", "clients")) == ([wanted], [wanted])


def test_without_npm_the_tests_start_all_the_same(parsers, tmp_path):
    (tmp_path / "bin" / "npm").unlink()

    assert parsers("-m", "clients") == []


def test_run_makes_no_environment_where_it_could_not_be_used(call, checkout, tmp_path):
    place = tmp_path / "a:b"
    place.mkdir()
    shutil.copy(checkout / "run", place / "run")

    done = call(place / "run", "check", cwd=tmp_path)

    assert (done.returncode, done.stdout, done.stderr) == (
        1,
        "",
        f"run: no Python environment can be made in {place}: move the folder to a path without a colon\n",
    )
