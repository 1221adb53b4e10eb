"""The documented columns of each role: as recorded with the facts, and as they are at a given time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from servicekit.clock import MICROSECONDS_PER_SECOND, Instant
from tracking_service.domain.events import Participant
from tracking_service.domain.presence import Presence
from tracking_service.domain.presence_spans import union_duration


class RoleColumns(NamedTuple):
    """{tutor,student}_connected_at, _disconnected_at, _last_activity_at and _total_active_seconds."""

    connected_at: Instant
    #: None while a participant of the role is connected.
    disconnected_at: Instant | None
    last_activity_at: Instant
    total_active_seconds: int


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
class ParticipantFacts:
    """What the presence intervals of one participant say."""

    #: Begin of the interval that has not ended; None: all have.
    began_at: Instant | None
    #: Latest sign of life in that interval.
    alive_at: Instant | None
    #: End of the latest interval.
    present_until: Instant


@dataclass(frozen=True, kw_only=True, slots=True)
class ParticipantStatus:
    """Whether one participant is there now."""

    participant: Participant
    #: When they came last; None: they are not connected.
    present_since: Instant | None = None
    #: When they left last; None: they are connected, or never came.
    left_at: Instant | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RoleStatus:
    """One role's documented columns, and whether one of its participants is connected now."""

    connected: bool
    connected_at: Instant | None
    disconnected_at: Instant | None
    last_activity_at: Instant | None
    total_active_seconds: int

    def differs(self, other: RoleStatus) -> bool:
        """Return whether a participant came or left in between; further heartbeats are no difference."""
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
        """Whole seconds from the first connect to the last event, of either role; 0 if no one came."""
        roles = (self.tutor, self.student)
        starts = [role.connected_at for role in roles if role.connected_at is not None]
        ends = [at for role in roles for at in (role.last_activity_at, role.disconnected_at) if at is not None]
        if not starts or not ends:
            return 0
        return max(max(ends) - min(starts), 0) // MICROSECONDS_PER_SECOND

    def differs(self, other: Status) -> bool:
        """Return whether a participant came or left in between."""
        return self.tutor.differs(other.tutor) or self.student.differs(other.student)


def role_columns(presences: Sequence[Presence]) -> RoleColumns | None:
    """Return the columns of one role: the union over its participants; None if none of them was ever there."""
    intervals = [interval for presence in presences for interval in presence.intervals]
    if not intervals:
        return None
    spans = [interval.span for interval in intervals]
    is_connected = any(interval.is_open for interval in intervals)
    starts, ends, last_signs = zip(*spans, strict=True)
    return RoleColumns(
        connected_at=min(starts),
        disconnected_at=None if is_connected else max(ends),
        last_activity_at=max(last_signs),
        total_active_seconds=union_duration(spans) // MICROSECONDS_PER_SECOND,
    )


def role_status(facts: RoleFacts, now: Instant, timeout: int) -> RoleStatus:
    """Return the columns as they stand now; a silence that no sweep has closed yet already counts as the end.

    `timeout` is the presence timeout in microseconds.
    """
    connected = _is_alive(facts.alive_at, now, timeout)
    ended_at = facts.disconnected_at if facts.present_until is None else facts.present_until
    return RoleStatus(
        connected=connected,
        connected_at=facts.connected_at,
        disconnected_at=None if connected else ended_at,
        last_activity_at=facts.last_activity_at,
        total_active_seconds=facts.total_active_seconds,
    )


def participant_status(
    participant: Participant, facts: ParticipantFacts | None, now: Instant, timeout: int
) -> ParticipantStatus:
    """Return whether a participant is there now; `facts` are None if they never came, `timeout` is as above."""
    if facts is None:
        return ParticipantStatus(participant=participant)
    if _is_alive(facts.alive_at, now, timeout):
        return ParticipantStatus(participant=participant, present_since=facts.began_at)
    return ParticipantStatus(participant=participant, left_at=facts.present_until)


def _is_alive(alive_at: Instant | None, now: Instant, timeout: int) -> bool:
    return alive_at is not None and now - alive_at <= timeout
