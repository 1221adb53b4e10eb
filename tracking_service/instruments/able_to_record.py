"""Whether this process can write."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from prometheus_client import CollectorRegistry, Gauge

#: Coverage writes every 2 s. A server that has answered no write for longer than this hangs.
MAX_SILENCE_SECONDS: Final = 10.0


class AbleToRecord:
    """Noted by all who write for as long as the process runs."""

    def __init__(
        self, registry: CollectorRegistry | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Take it for able at first; without a registry nobody sees it. `clock` returns seconds."""
        self._clock = clock
        self._is_able = True
        self._succeeded_at = clock()
        Gauge(
            "tracking_able_to_record",
            f"1 if the last write to the database succeeded, {MAX_SILENCE_SECONDS:g} s ago at most, else 0; there is "
            "one every 2 s.",
            registry=registry,
        ).set_function(self.value)

    def note(self, *, is_able: bool) -> None:
        """Note whether a write succeeded."""
        self._is_able = is_able
        if is_able:
            self._succeeded_at = self._clock()

    def value(self) -> float:
        """Return 1 or 0. Thread-safe."""
        return float(self._is_able and self._clock() - self._succeeded_at <= MAX_SILENCE_SECONDS)
