"""From the words and moments that callers use to those of the contract."""

from __future__ import annotations

import time
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

from astegni.tracking.v1 import tracking_pb2 as tracking

UserType = Literal["tutor", "student"]
#: How the end of a connection became known: it was seen, or concluded from silence.
Reason = Literal["closed", "timed_out"]

NANOSECONDS_PER_MICROSECOND = 1_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

USER_TYPES: dict[str, tracking.UserType.ValueType] = {"tutor": tracking.tutor, "student": tracking.student}
REASONS: dict[str, tracking.DisconnectReason.ValueType] = {
    "closed": tracking.closed,
    "timed_out": tracking.timed_out,
}
#: For events that are no disconnects.
NO_REASON = tracking.DISCONNECT_REASON_UNSPECIFIED

#: Lengths of the contract. Longer ones would make frames that the service can't take, which no retry heals.
CONNECTION_ID_LENGTH = 64
ACTIVITY_TYPE_LENGTH = 32
SESSIONS_PER_GAP = 1_000


class Occurrence(NamedTuple):
    """One thing that happened to one participant, checked as far as a frame needs it; the service judges the rest."""

    kind: tracking.EventKind.ValueType
    session_id: int
    user_type: tracking.UserType.ValueType
    user_id: int
    #: Since the Unix epoch.
    nanoseconds: int
    connection_id: str
    activity_type: str
    reason: tracking.DisconnectReason.ValueType


def role_of(word: str) -> tracking.UserType.ValueType:
    """Read a role; ValueError."""
    try:
        return USER_TYPES[word]
    except KeyError:
        raise ValueError(f"user_type must be 'tutor' or 'student', not {word!r}") from None


def reason_of(word: str) -> tracking.DisconnectReason.ValueType:
    """Read how a connection ended; ValueError."""
    try:
        return REASONS[word]
    except KeyError:
        raise ValueError(f"reason must be 'closed' or 'timed_out', not {word!r}") from None


def nanoseconds(at: datetime | None) -> int:
    """Return a moment since the Unix epoch, exactly; None is now. ValueError for a moment without time zone."""
    if at is None:
        return time.time_ns()
    if at.tzinfo is None:
        raise ValueError("`at` needs a time zone")
    return (at - _EPOCH) // _MICROSECOND * NANOSECONDS_PER_MICROSECOND


def gap_of(started_at: int, ended_at: int, session_ids: Collection[int] = ()) -> tracking.ObservationGap:
    """Return a gap between two moments in nanoseconds; ValueError or TypeError for what can't be sent."""
    if ended_at < started_at:
        raise ValueError("an observation gap must not end before it started")
    if len(session_ids) > SESSIONS_PER_GAP:
        raise ValueError(f"an observation gap names at most {SESSIONS_PER_GAP} sessions; tell several")
    gap = tracking.ObservationGap(session_ids=session_ids)
    gap.started_at.FromNanoseconds(started_at)
    gap.ended_at.FromNanoseconds(ended_at)
    return gap
