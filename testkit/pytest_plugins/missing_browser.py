"""Says at the end of a run how many tests found no browser to drive; in continuous integration that is a failure."""

from __future__ import annotations

import os

import pytest

#: The reason with which tests are skipped that find no browser to drive.
NO_BROWSER = "there is no Chromium"
REMEDY = "install it with your system's packages (Debian: apt-get install chromium), or run `make browser`"


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run of continuous integration that left browser tests out."""
    passed = session.exitstatus == pytest.ExitCode.OK
    if passed and os.environ.get("CI") and _left_out(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Count what did not run."""
    if count := _left_out(config):
        terminalreporter.line(f"{count} browser tests did not run: {NO_BROWSER}; {REMEDY}.", red=True)


def _left_out(config: pytest.Config) -> int:
    reporter: pytest.TerminalReporter | None = config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    return sum(NO_BROWSER in str(report.longrepr) for report in skipped)
