"""Messages that are serialised once and sent many times, with new sequence numbers and times.

Serialising is what costs a client most. A protobuf varint may be encoded wider than necessary. So a message is
serialised with placeholders of a fixed width and split at them; sending it again only joins the parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from google.protobuf.timestamp_pb2 import Timestamp

from astegni.tracking.v1 import tracking_pb2 as tracking
from benchmarks.load.messages import ParticipantGroup, user_id

_VARINT_BYTES = 5
_PAYLOAD_BITS = 7
_PAYLOAD_MASK = 0x7F
_CONTINUED = 0x80
#: The largest numbers of `_VARINT_BYTES` bytes: no other field of a message has such a value.
_SEQUENCE_PLACEHOLDER = 2 ** (_VARINT_BYTES * _PAYLOAD_BITS) - 1
_SECONDS_PLACEHOLDER = _SEQUENCE_PLACEHOLDER - 1
_NANOSECONDS_PLACEHOLDER = 2**30 - 1

#: In a frame of columns, each is observed so many microseconds after the one before.
_TIME_BETWEEN_HEARTBEATS = 5

_MICROSECONDS_PER_SECOND = 1_000_000
_NANOSECONDS_PER_MICROSECOND = 1_000
_ROLES: dict[str, tracking.UserType.ValueType] = {"tutor": tracking.tutor, "student": tracking.student}


def fixed_width_varint(number: int) -> bytes:
    """Return a varint of `_VARINT_BYTES` bytes; the number has at most 35 bits."""
    payloads = [number >> _PAYLOAD_BITS * index & _PAYLOAD_MASK for index in range(_VARINT_BYTES)]
    return bytes([*(payload | _CONTINUED for payload in payloads[:-1]), payloads[-1]])


class SequenceNumbers:
    """Encoded sequence numbers, shared by all streams."""

    def __init__(self) -> None:
        self._encoded: list[bytes] = []

    def part(self, first: int, count: int) -> list[bytes]:
        """Return `count` numbers from `first` on."""
        while len(self._encoded) < first + count:
            self._encoded.append(fixed_width_varint(len(self._encoded)))
        return self._encoded[first : first + count]


class PreparedMessage:
    """The message of one group of participants."""

    def __init__(
        self, group: ParticipantGroup, numbers: SequenceNumbers, *, stamped: bool, as_columns: bool = False
    ) -> None:
        """`stamped`: events carry the time of their observation. `as_columns`: heartbeats are sent as columns."""
        self._group = group
        self._first_at = self._last_at = self._apart = 0
        #: In microseconds; nothing may be observed in the future.
        self._time_between = _TIME_BETWEEN_HEARTBEATS if as_columns and stamped else 0
        self._numbers = numbers
        self._stamped = stamped
        self._heartbeats = self._columns() if as_columns else self._template(tracking.heartbeat)

    def __len__(self) -> int:
        """Return the number of events in it."""
        return len(self._group.sessions)

    @property
    def history(self) -> ParticipantGroup:
        """The participants, with the times of their first and last event."""
        times = {"first_at": self._first_at, "last_at": self._last_at, "apart": self._apart}
        return self._group.model_copy(update=times)

    def record_sent(self, at: int, *, connects: bool) -> None:
        """Record that it was sent with this time."""
        self._apart = 0 if connects else self._time_between
        self._last_at = at - self._apart * len(self)
        if connects:
            self._first_at = at

    def heartbeats(self, first_sequence: int, at: int) -> bytes:
        """Return heartbeats, none later than `at`, in microseconds since the epoch."""
        return self._filled(self._heartbeats, first_sequence, at - self._time_between * len(self))

    def connects(self, first_sequence: int, at: int) -> bytes:
        """Return connects; they are sent once, so their parts are not kept."""
        return self._filled(self._template(tracking.connect), first_sequence, at)

    def _template(self, kind: tracking.EventKind.ValueType) -> list[bytes]:
        return _divided(_request([self._event(kind, session) for session in self._group.sessions]))

    def _columns(self) -> list[bytes]:
        group = self._group
        heartbeats = tracking.PresenceHeartbeats(
            first_sequence=_SEQUENCE_PLACEHOLDER,
            session_ids=group.sessions,
            user_ids=[user_id(session, group.role) for session in group.sessions],
            user_types=[_ROLES[group.role]] * len(group.sessions),
            observed_at=Timestamp(seconds=_SECONDS_PLACEHOLDER, nanos=_NANOSECONDS_PLACEHOLDER)
            if self._stamped
            else None,
            observed_after_microseconds=[_TIME_BETWEEN_HEARTBEATS * row for row in range(len(group.sessions))]
            if self._stamped
            else (),
        )
        return _divided(tracking.StreamHeartbeatsRequest(heartbeats=heartbeats))

    def _event(self, kind: tracking.EventKind.ValueType, session: int) -> tracking.PresenceEvent:
        return tracking.PresenceEvent(
            sequence=_SEQUENCE_PLACEHOLDER,
            kind=kind,
            session_id=session,
            user_type=_ROLES[self._group.role],
            user_id=user_id(session, self._group.role),
            observed_at=Timestamp(seconds=_SECONDS_PLACEHOLDER, nanos=_NANOSECONDS_PLACEHOLDER)
            if self._stamped
            else None,
        )

    def _filled(self, template: list[bytes], first_sequence: int, at: int) -> bytes:
        # A frame of columns holds the first number alone.
        template[1::2] = self._numbers.part(first_sequence, len(template) // 2)
        message = b"".join(template)
        return message.replace(_TIMESTAMP_PLACEHOLDER, _timestamp(at)) if self._stamped else message


def _divided(request: tracking.StreamHeartbeatsRequest) -> list[bytes]:
    """Return a message, divided at its sequence numbers, with gaps for those."""
    whole = request.SerializeToString().split(fixed_width_varint(_SEQUENCE_PLACEHOLDER))
    template = [b""] * (2 * len(whole) - 1)
    template[::2] = whole
    return template


def participant_groups(
    sessions: range, roles: Sequence[Literal["tutor", "student"]], heartbeats_per_message: int
) -> list[ParticipantGroup]:
    """Divide the participants of sessions into messages.

    Real participants connect independently of each other. So neighbours in a table are not in the same message, and the
    tutor and the student of a session are half a cycle apart: they fall into different flushes, and each of them makes
    the service update the session's row.
    """
    count = -(-len(sessions) // heartbeats_per_message)
    return [
        ParticipantGroup(role=role, first_session=first, end_session=sessions.stop, step=count)
        for role in roles
        for first in range(sessions.start, sessions.start + count)
    ]


def _request(events: Sequence[tracking.PresenceEvent]) -> tracking.StreamHeartbeatsRequest:
    if len(events) == 1:
        return tracking.StreamHeartbeatsRequest(event=events[0])
    return tracking.StreamHeartbeatsRequest(batch=tracking.PresenceEventBatch(events=events))


_TIMESTAMP_PLACEHOLDER = Timestamp(seconds=_SECONDS_PLACEHOLDER, nanos=_NANOSECONDS_PLACEHOLDER).SerializeToString()


@lru_cache(maxsize=16)
def _timestamp(at: int) -> bytes:
    seconds, microseconds = divmod(at, _MICROSECONDS_PER_SECOND)
    with_seconds = _TIMESTAMP_PLACEHOLDER.replace(fixed_width_varint(_SECONDS_PLACEHOLDER), fixed_width_varint(seconds))
    return with_seconds.replace(
        fixed_width_varint(_NANOSECONDS_PLACEHOLDER), fixed_width_varint(microseconds * _NANOSECONDS_PER_MICROSECOND)
    )
