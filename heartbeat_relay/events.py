"""Conversion of callers' values to those of the protos."""

from __future__ import annotations

import time
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

from astegni.tracking.v1 import tracking_pb2 as tracking

UserType = Literal["tutor", "student"]
#: How a connection ended: the participant was seen to leave (`closed`) or not (`timed_out`).
Reason = Literal["closed", "timed_out"]

NANOSECONDS_PER_MICROSECOND = 1_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_USER_TYPES: dict[str, tracking.UserType.ValueType] = {"tutor": tracking.tutor, "student": tracking.student}
_REASONS: dict[str, tracking.DisconnectReason.ValueType] = {
    "closed": tracking.closed,
    "timed_out": tracking.timed_out,
}
#: For events that are no disconnects.
NO_REASON = tracking.DISCONNECT_REASON_UNSPECIFIED

#: Limits of the protos. The service can't take a frame with a longer value, and no retry heals that.
MAX_CONNECTION_ID_LENGTH = 64
MAX_ACTIVITY_TYPE_LENGTH = 32
MAX_SESSIONS_PER_GAP = 1_000


class Event(NamedTuple):
    """One event of one participant, validated as far as a frame needs it; the service validates the rest."""

    kind: tracking.EventKind.ValueType
    session_id: int
    user_type: tracking.UserType.ValueType
    user_id: int
    #: Since the Unix epoch.
    nanoseconds: int
    connection_id: str
    activity_type: str
    reason: tracking.DisconnectReason.ValueType


def user_type_value(word: str) -> tracking.UserType.ValueType:
    """Return the proto's value of a user type; ValueError."""
    try:
        return _USER_TYPES[word]
    except KeyError:
        raise ValueError(f"user_type must be 'tutor' or 'student', not {word!r}") from None


def reason_value(word: str) -> tracking.DisconnectReason.ValueType:
    """Return the proto's value of a disconnect reason; ValueError."""
    try:
        return _REASONS[word]
    except KeyError:
        raise ValueError(f"reason must be 'closed' or 'timed_out', not {word!r}") from None


def to_nanoseconds(at: datetime | None) -> int:
    """Return a time as nanoseconds since the Unix epoch, exactly; None is now. ValueError without a time zone."""
    if at is None:
        return time.time_ns()
    if at.tzinfo is None:
        raise ValueError("`at` needs a time zone")
    return (at - _EPOCH) // _MICROSECOND * NANOSECONDS_PER_MICROSECOND


def to_datetime(nanoseconds: int) -> datetime:
    """Return nanoseconds since the Unix epoch as a time in UTC, rounded down to a microsecond."""
    return _EPOCH + timedelta(microseconds=nanoseconds // NANOSECONDS_PER_MICROSECOND)


def observation_gap(started_at: int, ended_at: int, session_ids: Collection[int] = ()) -> tracking.ObservationGap:
    """Return a gap between two times in nanoseconds since the Unix epoch.

    Raises:
        ValueError, TypeError: the gap can't be sent.
    """
    if ended_at < started_at:
        raise ValueError("an observation gap must not end before it started")
    if len(session_ids) > MAX_SESSIONS_PER_GAP:
        raise ValueError(f"an observation gap names at most {MAX_SESSIONS_PER_GAP} sessions; report several gaps")
    gap = tracking.ObservationGap(session_ids=session_ids)
    gap.started_at.FromNanoseconds(started_at)
    gap.ended_at.FromNanoseconds(ended_at)
    return gap
