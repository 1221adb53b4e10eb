"""What the replaced system stored of the same telemetry, and what it suggested.

It recorded every event with the time at which it arrived. A connect overwrote the one before; a disconnect set the
active time to the time from the last connect to the last activity; without a disconnect the active time stayed 0. Here
each student of a class has columns of their own, which that system did not have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.evaluation.reviewer.marks import Confidence, Mark, Verdict
from benchmarks.evaluation.simulation.plan import EventKind
from benchmarks.evaluation.simulation.telemetry import Telemetry
from benchmarks.evaluation.time_ranges import MINUTE, SECOND, TimeRange

#: Whole minutes: it ignored the seconds.
_MIN_LATENESS = 5
_VERY_LATE_AFTER = 15
#: Percent of the window.
_CLEARLY_ABSENT_BELOW = 20
_ABSENT_BELOW = 30
_MIN_MEDIUM = 40
_MIN_HIGH = 70
_WHOLE = 100


@dataclass(slots=True)
class StoredColumns:
    """What it stored about one person."""

    connected_at: int | None = None
    last_activity_at: int | None = None
    disconnected_at: int | None = None
    total_active_seconds: int = 0

    def record(self, kind: EventKind, at: int) -> None:
        """Record an event that arrived at a time."""
        if kind is EventKind.CONNECT:
            self.connected_at = self.last_activity_at = at
        elif kind is EventKind.HEARTBEAT:
            self.last_activity_at = at
        else:
            self.disconnected_at = at
            self.total_active_seconds = self._active_seconds()

    def _active_seconds(self) -> int:
        if self.connected_at is None or self.last_activity_at is None:
            return 0
        return (self.last_activity_at - self.connected_at) // SECOND


def stored_columns(telemetry: Sequence[Telemetry]) -> StoredColumns:
    """Return what was stored of telemetry, given in the order of its arrival."""
    columns = StoredColumns()
    for item in telemetry:
        columns.record(item.kind, item.delivered_at)
    return columns


def suggest(columns: StoredColumns, window: TimeRange) -> Verdict:
    """Return what it suggested."""
    if columns.connected_at is None:
        return Verdict(Mark.ABSENT, Confidence.HIGH)
    late_by = max((columns.connected_at - window.start) // MINUTE, 0)
    engagement = min(_WHOLE * SECOND * columns.total_active_seconds / window.length, _WHOLE)
    # OR, where the guide says AND.
    if late_by > _VERY_LATE_AFTER or engagement < _ABSENT_BELOW:
        return Verdict(Mark.ABSENT, Confidence.HIGH if engagement < _CLEARLY_ABSENT_BELOW else Confidence.MEDIUM)
    if late_by >= _MIN_LATENESS:
        return Verdict(Mark.LATE, Confidence.HIGH)
    return Verdict(Mark.PRESENT, _confidence(engagement))


def _confidence(engagement: float) -> Confidence:
    if engagement >= _MIN_HIGH:
        return Confidence.HIGH
    return Confidence.MEDIUM if engagement >= _MIN_MEDIUM else Confidence.LOW
