"""Says at the end of a run how many tests found no promtool or Prometheus.

Unlike a missing browser that is no failure in continuous integration: no test of the product itself needs them.
"""

from __future__ import annotations

import shutil

import pytest

#: The reason with which tests are skipped that find none.
NO_PROMETHEUS = "there is no Prometheus"
REMEDY = "install it (Debian: apt-get install --no-install-recommends prometheus)"
needs_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason=NO_PROMETHEUS)
needs_prometheus = pytest.mark.skipif(shutil.which("prometheus") is None, reason=NO_PROMETHEUS)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Count what did not run."""
    skipped = terminalreporter.stats.get("skipped", [])
    if count := sum(NO_PROMETHEUS in str(report.longrepr) for report in skipped):
        terminalreporter.line(f"{count} monitoring tests did not run: {NO_PROMETHEUS}; {REMEDY}.", yellow=True)
