"""Says at the end of a run how many tests found no container engine.

Unlike a missing browser that is no failure in continuous integration: an engine needs rights on the machine that a run
of tests often does not have.
"""

from __future__ import annotations

import pytest

#: The reason with which tests are skipped that find no engine.
NO_ENGINE = "there is no container engine"
REMEDY = "start Docker and install Docker Compose 2.26 or newer: `docker info` and `docker compose version` must work"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Count what did not run."""
    skipped = terminalreporter.stats.get("skipped", [])
    if count := sum(NO_ENGINE in str(report.longrepr) for report in skipped):
        terminalreporter.line(f"{count} container tests did not run: {NO_ENGINE}; {REMEDY}.", yellow=True)
