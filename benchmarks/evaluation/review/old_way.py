"""How the replaced system judged, told in our words: what it kept of the same telemetry, and what it made of that.

Every event bore the time at which it came in. A connect overwrote the one before; a disconnect set the active time to
what lay between the last connect and the last activity; without one it stayed 0. Events of one person are kept apart
here even in a class of several students, which that system could not do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.evaluation.moments import MINUTE, SECOND, Stretch
from benchmarks.evaluation.review.marks import Confidence, Mark, Verdict
from benchmarks.evaluation.simulation.delivery import Telemetry
from benchmarks.evaluation.simulation.words import Kind

#: Whole minutes: it cut off the seconds.
_LATE_FROM = 5
_VERY_LATE_AFTER = 15
#: Percent of the window.
_CLEARLY_ABSENT_BELOW = 20
_ABSENT_BELOW = 30
_MEDIUM_FROM = 40
_HIGH_FROM = 70
_WHOLE = 100


@dataclass(slots=True)
class OldColumns:
    """What it kept of one person."""

    connected_at: int | None = None
    last_activity_at: int | None = None
    disconnected_at: int | None = None
    total_active_seconds: int = 0

    def take(self, kind: Kind, at: int) -> None:
        """Take an event in."""
        if kind is Kind.CONNECT:
            self.connected_at = self.last_activity_at = at
        elif kind is Kind.HEARTBEAT:
            self.last_activity_at = at
        else:
            self.disconnected_at = at
            self.total_active_seconds = self._active_seconds()

    def _active_seconds(self) -> int:
        if self.connected_at is None or self.last_activity_at is None:
            return 0
        return (self.last_activity_at - self.connected_at) // SECOND


def kept_of(telemetry: Sequence[Telemetry]) -> OldColumns:
    """Return what was kept of telemetry, in the order in which it came in."""
    columns = OldColumns()
    for item in telemetry:
        columns.take(item.kind, item.delivered_at)
    return columns


def suggest(columns: OldColumns, window: Stretch) -> Verdict:
    """Return what it suggested of that."""
    if columns.connected_at is None:
        return Verdict(Mark.ABSENT, Confidence.HIGH)
    late_by = max((columns.connected_at - window.start) // MINUTE, 0)
    engagement = min(_WHOLE * SECOND * columns.total_active_seconds / window.length, _WHOLE)
    # OR, where the guide says AND.
    if late_by > _VERY_LATE_AFTER or engagement < _ABSENT_BELOW:
        return Verdict(Mark.ABSENT, Confidence.HIGH if engagement < _CLEARLY_ABSENT_BELOW else Confidence.MEDIUM)
    if late_by >= _LATE_FROM:
        return Verdict(Mark.LATE, Confidence.HIGH)
    return Verdict(Mark.PRESENT, _of_engagement(engagement))


def _of_engagement(engagement: float) -> Confidence:
    if engagement >= _HIGH_FROM:
        return Confidence.HIGH
    return Confidence.MEDIUM if engagement >= _MEDIUM_FROM else Confidence.LOW
