"""From the journal to facts, and the end of intervals that no event ends."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

#: From a fold that found little to one at the limit of a statement.
SECONDS_BUCKETS: Final = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class FoldInstruments:
    """Of the folds that this process makes by itself, and of sessions that can't be recorded."""

    def __init__(
        self, registry: CollectorRegistry | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Without a registry nobody sees it; `clock` returns seconds."""
        self._clock = clock
        self._lag_seconds = 0.0
        self._measured_at = clock()
        self.seconds = Histogram(
            "tracking_fold_seconds",
            "How long one transaction took that makes facts of what is in the journal.",
            buckets=SECONDS_BUCKETS,
            registry=registry,
        )
        self.failures = Counter(
            "tracking_fold_failures", "Turns of folding that failed; the next one tries again.", registry=registry
        )
        self.isolated_sessions = Counter(
            "tracking_isolated_sessions",
            "Times that a session could not be recorded and was left out, so that it holds up no other.",
            registry=registry,
        )
        Gauge(
            "tracking_folding_lag_seconds",
            "Age of the oldest record in the journal of which no facts are made yet; 0 if there is none.",
            registry=registry,
        ).set_function(self.lag_seconds)

    def note_lag(self, lag_seconds: float) -> None:
        """Note how old the oldest record is that is not folded; 0: there is none."""
        self._lag_seconds, self._measured_at = lag_seconds, self._clock()

    def lag_seconds(self) -> float:
        """Return the same for now: what was not folded at the last look only gets older."""
        return self._lag_seconds + self._clock() - self._measured_at if self._lag_seconds else 0.0


class SweepInstruments:
    """Of intervals that end because of silence."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        """Without a registry nobody sees it."""
        self.seconds = Histogram(
            "tracking_sweep_seconds",
            "How long a look for silent intervals took, with closing them.",
            buckets=SECONDS_BUCKETS,
            registry=registry,
        )
        self.intervals = Counter(
            "tracking_intervals_swept",
            "Participants whose presence intervals were ended because of silence.",
            registry=registry,
        )
