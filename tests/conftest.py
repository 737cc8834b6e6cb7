"""What holds for every test."""

import os

import pytest
from hypothesis import settings

IN_CI = os.environ.get("CI", "") not in {"", "0", "false"}

# A busy machine is no bug: no deadline. In CI the same examples each time, so that a failure can be repeated.
settings.register_profile("house", deadline=None, derandomize=IN_CI)
settings.load_profile("house")


def _skipped(session):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    return reporter.stats.get("skipped", []) if IN_CI and reporter else []


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session, exitstatus):
    """A skip hides a missing tool: a person sees it in the summary, CI fails on it."""
    if exitstatus == pytest.ExitCode.OK and _skipped(session):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter):
    for report in _skipped(terminalreporter._session):
        terminalreporter.write_line(
            f"SKIPPED, which CI does not allow: {report.nodeid}: {report.longrepr[2]}", red=True
        )
