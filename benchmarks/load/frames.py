"""Messages that are ready but for their numbers and their time.

Serialising a heartbeat costs a client more than anything else. A protobuf varint may be written wider than it has to
be, so a message is serialised once, with placeholders of a fixed width, and cut at them: sending it again is a join.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from google.protobuf.timestamp_pb2 import Timestamp

from astegni.tracking.v1 import tracking_pb2 as tracking
from benchmarks.load.messages import Group
from benchmarks.load.people import user_id

_WIDTH = 5
_PAYLOAD_BITS = 7
_PAYLOAD_MASK = 0x7F
_CONTINUED = 0x80
#: As wide as `_WIDTH` allows, and nothing that stands in a message besides.
_ANY_SEQUENCE = 2 ** (_WIDTH * _PAYLOAD_BITS) - 1
_ANY_SECONDS = _ANY_SEQUENCE - 1
_ANY_NANOSECONDS = 2**30 - 1

_MICROSECONDS_PER_SECOND = 1_000_000
_NANOSECONDS_PER_MICROSECOND = 1_000
_ROLES: dict[str, tracking.UserType.ValueType] = {"tutor": tracking.tutor, "student": tracking.student}


def wide(number: int) -> bytes:
    """Return a varint of a fixed width; the number has at most 35 bits."""
    payloads = [number >> _PAYLOAD_BITS * index & _PAYLOAD_MASK for index in range(_WIDTH)]
    return bytes([*(payload | _CONTINUED for payload in payloads[:-1]), payloads[-1]])


class SequenceNumbers:
    """Encoded numbers, made once for all streams."""

    def __init__(self) -> None:
        self._encoded: list[bytes] = []

    def part(self, first: int, count: int) -> list[bytes]:
        """Return `count` numbers from `first` on."""
        while len(self._encoded) < first + count:
            self._encoded.append(wide(len(self._encoded)))
        return self._encoded[first : first + count]


class Frame:
    """The message of one group of participants."""

    def __init__(self, group: Group, numbers: SequenceNumbers, *, stamped: bool) -> None:
        """`stamped`: events tell when they were observed."""
        self._group = group
        self._first_at = self._last_at = 0
        self._numbers = numbers
        self._stamped = stamped
        self._heartbeats = self._template(tracking.heartbeat)

    def __len__(self) -> int:
        """Return how many events it holds."""
        return len(self._group.sessions)

    @property
    def history(self) -> Group:
        """Who is in it, and from when to when they beat."""
        return self._group.model_copy(update={"first_at": self._first_at, "last_at": self._last_at})

    def note(self, at: int, *, joins: bool) -> None:
        """Remember that it is sent."""
        self._last_at = at
        if joins:
            self._first_at = at

    def heartbeats(self, first_sequence: int, at: int) -> bytes:
        """Return heartbeats; `at` is in microseconds since the epoch."""
        return self._filled(self._heartbeats, first_sequence, at)

    def connects(self, first_sequence: int, at: int) -> bytes:
        """Return connects; they are sent once, so nothing is kept ready."""
        return self._filled(self._template(tracking.connect), first_sequence, at)

    def _template(self, kind: tracking.EventKind.ValueType) -> list[bytes]:
        events = [self._event(kind, session) for session in self._group.sessions]
        whole = _request(events).SerializeToString().split(wide(_ANY_SEQUENCE))
        template = [b""] * (2 * len(whole) - 1)
        template[::2] = whole
        return template

    def _event(self, kind: tracking.EventKind.ValueType, session: int) -> tracking.PresenceEvent:
        return tracking.PresenceEvent(
            sequence=_ANY_SEQUENCE,
            kind=kind,
            session_id=session,
            user_type=_ROLES[self._group.role],
            user_id=user_id(session, self._group.role),
            observed_at=Timestamp(seconds=_ANY_SECONDS, nanos=_ANY_NANOSECONDS) if self._stamped else None,
        )

    def _filled(self, template: list[bytes], first_sequence: int, at: int) -> bytes:
        template[1::2] = self._numbers.part(first_sequence, len(self))
        message = b"".join(template)
        return message.replace(_ANY_MOMENT, _moment(at)) if self._stamped else message


def groups(sessions: range, roles: Sequence[Literal["tutor", "student"]], beats_per_message: int) -> list[Group]:
    """Divide the participants of sessions into messages.

    People come and go on their own. So neighbours in a table do not beat together, and the tutor and the student of a
    session are half a cycle apart: they fall into different flushes, and neither saves the other the session's row.
    """
    count = -(-len(sessions) // beats_per_message)
    return [
        Group(role=role, first_session=first, end_session=sessions.stop, step=count)
        for role in roles
        for first in range(sessions.start, sessions.start + count)
    ]


def _request(events: Sequence[tracking.PresenceEvent]) -> tracking.StreamHeartbeatsRequest:
    if len(events) == 1:
        return tracking.StreamHeartbeatsRequest(event=events[0])
    return tracking.StreamHeartbeatsRequest(batch=tracking.PresenceEventBatch(events=events))


_ANY_MOMENT = Timestamp(seconds=_ANY_SECONDS, nanos=_ANY_NANOSECONDS).SerializeToString()


@lru_cache(maxsize=16)
def _moment(at: int) -> bytes:
    seconds, microseconds = divmod(at, _MICROSECONDS_PER_SECOND)
    with_seconds = _ANY_MOMENT.replace(wide(_ANY_SECONDS), wide(seconds))
    return with_seconds.replace(wide(_ANY_NANOSECONDS), wide(microseconds * _NANOSECONDS_PER_MICROSECOND))
