"""Prints at the end of a run how long each ring of tests took, so that slowness is seen."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import pytest

#: Rings with more than one kind of test in them are listed by folder.
SPLIT_RINGS = frozenset({"integration", "e2e"})


@dataclass
class RingDuration:
    """What is known of one ring."""

    tests: set[str] = field(default_factory=set)
    seconds: float = 0.0


class RingDurations:
    """Adds up the durations that are reported; on workers nothing is printed."""

    def __init__(self) -> None:
        self._rings: defaultdict[str, RingDuration] = defaultdict(RingDuration)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a phase of a test: set-up, call or teardown."""
        ring = self._rings[ring_of(report.nodeid)]
        ring.tests.add(report.nodeid)
        ring.seconds += report.duration

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the table, unless it would have one row."""
        if len(self._rings) < 2:
            return
        terminalreporter.section("seconds per ring (workers run side by side)")
        for name, ring in sorted(self._rings.items(), key=lambda entry: -entry[1].seconds):
            terminalreporter.line(f"{ring.seconds:8.1f} s {len(ring.tests):6} tests  {name}")


def pytest_configure(config: pytest.Config) -> None:
    """Start counting."""
    config.pluginmanager.register(RingDurations(), "ring-durations")


def ring_of(nodeid: str) -> str:
    """Return the ring of a test, such as `unit` or `integration/tracking`."""
    folders = nodeid.partition("::")[0].split("/")[1:-1]
    depth = 2 if folders[:1] and folders[0] in SPLIT_RINGS else 1
    return "/".join(folders[:depth]) or "tests"
