"""The documented columns of whiteboard_sessions as a projection of the facts (DESIGN 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from servicekit.clock import MICROSECONDS_PER_SECOND, Instant
from tracking_service.domain.presence import Presence
from tracking_service.domain.windows import union_duration


@dataclass(frozen=True, kw_only=True, slots=True)
class RoleColumns:
    """{tutor,student}_connected_at, _disconnected_at, _last_activity_at and _total_active_seconds."""

    connected_at: Instant
    #: None while somebody of the role is connected.
    disconnected_at: Instant | None
    last_activity_at: Instant
    total_active_seconds: int


def project(presences: Sequence[Presence]) -> RoleColumns | None:
    """Return the columns of one role: the union over its participants; None if none of them was ever there."""
    intervals = [interval for presence in presences for interval in presence.intervals]
    if not intervals:
        return None
    stretches = [interval.stretch for interval in intervals]
    somebody_is_there = any(interval.is_open for interval in intervals)
    return RoleColumns(
        connected_at=min(stretch.started_at for stretch in stretches),
        disconnected_at=None if somebody_is_there else max(stretch.ended_at for stretch in stretches),
        last_activity_at=max(stretch.last_sign_at for stretch in stretches),
        total_active_seconds=union_duration(stretches) // MICROSECONDS_PER_SECOND,
    )
