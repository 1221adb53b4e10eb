"""Runs a test of whole processes once more when it fails, and says so: a busy machine must not hide what is broken.

A fault of the product fails twice. A test that passes at the second attempt has a fault of its own, and is listed.
"""

from __future__ import annotations

import pytest

from testkit.pytest_plugins.ring_durations import ring_of

#: Browsers, proxies and killed processes take part. Everything else has no reason to fail by chance.
RINGS = ("e2e", "recovery")
ATTEMPTS_AFTER_THE_FIRST = 1
RERUN = "rerun"


class SecondAttempts:
    """Lists at the end which tests needed one; on workers nothing is printed."""

    def __init__(self) -> None:
        self._failed_first: dict[str, str] = {}
        self._passed: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember why a first attempt failed."""
        # The outcome of pytest-rerunfailures, of which the type does not know.
        if str(report.outcome) == RERUN:
            self._failed_first[report.nodeid] = report.longreprtext
        elif report.when == "call" and report.passed:
            self._passed.add(report.nodeid)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the first failure of each."""
        for nodeid in sorted(self._failed_first.keys() & self._passed):
            terminalreporter.section(f"passed only at the second attempt, so mend the test: {nodeid}")
            terminalreporter.line(self._failed_first[nodeid])


def pytest_configure(config: pytest.Config) -> None:
    """Start listening."""
    config.pluginmanager.register(SecondAttempts(), "second-attempts")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that may have a second attempt."""
    for item in items:
        if ring_of(item.nodeid).partition("/")[0] in RINGS:
            item.add_marker(pytest.mark.flaky(reruns=ATTEMPTS_AFTER_THE_FIRST))
