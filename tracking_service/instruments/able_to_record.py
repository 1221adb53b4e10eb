"""Whether this process can write: for the metric, and for the health of `astegni.tracking.v1.Recording`."""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import Enum, auto
from typing import Final

from prometheus_client import CollectorRegistry, Gauge

#: Coverage is written every two seconds; if it was not for so long, the database answers nothing.
MAX_SILENCE_SECONDS: Final = 6.0
#: A flush that was refused counts for so long. The next one may come much later, and be accepted.
REFUSAL_SECONDS: Final = 30.0


class Written(Enum):
    """What is written."""

    #: Events, to the journal; of a flush, at least a part.
    EVENTS = auto()
    #: How far coverage reaches, every two seconds.
    COVERAGE = auto()


class AbleToRecord:
    """Noted by all who write for as long as the process runs."""

    def __init__(self, registry: CollectorRegistry | None = None, *, now: Callable[[], float] = time.monotonic) -> None:
        """Take it for able until a write fails; without a registry nobody sees it. `now` returns seconds."""
        self._now = now
        #: When writes of a kind began to fail without a success in between, and when the last one did.
        self._failing: dict[Written, tuple[float, float]] = {}
        self._covered_at: float | None = None
        gauge = Gauge(
            "tracking_able_to_record",
            "1 if the last write to the database succeeded, else 0; there is one every 2 s at least.",
            registry=registry,
        )
        gauge.set_function(lambda: float(self.unable_seconds == 0))

    def note(self, what: Written, *, is_able: bool) -> None:
        """Note whether a write succeeded."""
        now = self._now()
        if not is_able:
            began, _ = self._failing.get(what, (now, now))
            self._failing[what] = (began, now)
            return
        self._failing.pop(what, None)
        if what is Written.COVERAGE:
            self._covered_at = now

    @property
    def unable_seconds(self) -> float:
        """For how long nothing could be written; 0 if something can."""
        now = self._now()
        began = [first for first, last in self._failing.values() if now - last < REFUSAL_SECONDS]
        if self._covered_at is not None and now - self._covered_at > MAX_SILENCE_SECONDS:
            began.append(self._covered_at)
        return now - min(began, default=now)
