"""Says at the end of a run how many tests found no promtool or Prometheus.

Unlike a missing browser that is no failure in continuous integration: no test of the product itself needs them.
"""

from __future__ import annotations

import shutil

import pytest

from development.up.monitoring import ALERTMANAGER_PROGRAMS

#: The reason with which tests are skipped that find none.
NO_PROMETHEUS = "there is no Prometheus"
REMEDY = "install it (Debian: apt-get install --no-install-recommends prometheus prometheus-alertmanager)"
NO_ALERTMANAGER = "there is no Alertmanager"
needs_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason=NO_PROMETHEUS)
needs_prometheus = pytest.mark.skipif(shutil.which("prometheus") is None, reason=NO_PROMETHEUS)
needs_amtool = pytest.mark.skipif(shutil.which("amtool") is None, reason=NO_ALERTMANAGER)
needs_alertmanager = pytest.mark.skipif(not any(map(shutil.which, ALERTMANAGER_PROGRAMS)), reason=NO_ALERTMANAGER)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Count what did not run."""
    skipped = terminalreporter.stats.get("skipped", [])
    for reason in (NO_PROMETHEUS, NO_ALERTMANAGER):
        if count := sum(reason in str(report.longrepr) for report in skipped):
            terminalreporter.line(f"{count} monitoring tests did not run: {reason}; {REMEDY}.", yellow=True)
