"""Who is connected now, as facts and clock tell, and when that is news (DESIGN 5.4)."""

from __future__ import annotations

from dataclasses import dataclass

from servicekit.clock import MICROSECONDS_PER_SECOND, Instant


@dataclass(frozen=True, kw_only=True, slots=True)
class RoleFacts:
    """What is recorded of one role: its documented columns, and what the intervals of its participants add."""

    connected_at: Instant | None
    disconnected_at: Instant | None
    last_activity_at: Instant | None
    total_active_seconds: int
    #: End of the latest interval.
    present_until: Instant | None
    #: Latest sign of life in an interval that has not ended.
    alive_at: Instant | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RoleStatus:
    """One role's documented columns, and whether somebody of it is connected now."""

    connected: bool
    connected_at: Instant | None
    disconnected_at: Instant | None
    last_activity_at: Instant | None
    total_active_seconds: int

    def differs(self, other: RoleStatus) -> bool:
        """Whether somebody came or went in between; that they are still here is no news."""
        return (self.connected, self.connected_at, self.disconnected_at) != (
            other.connected,
            other.connected_at,
            other.disconnected_at,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """The status of one whiteboard session."""

    #: When this was so.
    as_of: Instant
    tutor: RoleStatus
    student: RoleStatus

    @property
    def duration_seconds(self) -> int:
        """Whole seconds from the first connect of anybody to the last event of anybody; 0 if nobody came."""
        roles = (self.tutor, self.student)
        starts = [role.connected_at for role in roles if role.connected_at is not None]
        ends = [
            moment for role in roles for moment in (role.last_activity_at, role.disconnected_at) if moment is not None
        ]
        if not starts or not ends:
            return 0
        return max(max(ends) - min(starts), 0) // MICROSECONDS_PER_SECOND

    def differs(self, other: Status) -> bool:
        """Whether somebody came or went in between."""
        return self.tutor.differs(other.tutor) or self.student.differs(other.student)


def judge(facts: RoleFacts, now: Instant, timeout: int) -> RoleStatus:
    """Return the columns as they stand; a silence that no sweep has closed yet is already told.

    `timeout` is the presence timeout in microseconds.
    """
    connected = facts.alive_at is not None and now - facts.alive_at <= timeout
    ended_at = facts.disconnected_at if facts.present_until is None else facts.present_until
    return RoleStatus(
        connected=connected,
        connected_at=facts.connected_at,
        disconnected_at=None if connected else ended_at,
        last_activity_at=facts.last_activity_at,
        total_active_seconds=facts.total_active_seconds,
    )
