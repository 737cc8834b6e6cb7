"""A skipped test is a visible hole for a person, and a failure in CI."""

import sys

import pytest

SKIPS = {
    "in the test": "import pytest\ndef test_a():\n    pytest.skip('no browser')\n",
    "as a mark": "import pytest\n@pytest.mark.skipif(True, reason='no browser')\ndef test_a():\n    pass\n",
    "of the whole file": "import pytest\npytest.skip('no browser', allow_module_level=True)\n",
}
SAID = "SKIPPED, which CI does not allow: test_it_"


@pytest.fixture
def outcome(call, root, tmp_path):
    """Runs test files of these sources under the project's conftest."""

    def run(*sources, arguments=(), **environment):
        (tmp_path / "conftest.py").write_bytes((root / "tests/conftest.py").read_bytes())
        for number, source in enumerate(sources):
            (tmp_path / f"test_it_{number}.py").write_text(source)
        (tmp_path / "test_other.py").write_text("def test_b():\n    pass\n")
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
        done = call(*command, cwd=tmp_path, PYTHONPATH=str(root), **environment)
        return done.returncode, done.stdout.count(SAID)

    return run


@pytest.mark.parametrize("kind", ["as a mark", "of the whole file"])
def test_a_skip_fails_in_ci(outcome, kind):
    assert outcome(SKIPS[kind], CI="true") == (1, 1)


def test_a_skip_fails_in_ci_with_several_workers(outcome):
    assert outcome(SKIPS["in the test"], arguments=("-n", "2"), CI="true") == (1, 1)


def test_skips_are_allowed_elsewhere(outcome):
    assert outcome(*SKIPS.values()) == (0, 0)


def test_a_run_without_skips_passes_in_ci(outcome):
    assert outcome(CI="true") == (0, 0)
