"""Records of the journal as bytes: `astegni.tracking.journal.v1.JournalRecord`."""

from __future__ import annotations

from uuid import UUID

import numpy as np

from astegni.tracking.journal.v1 import journal_pb2
from astegni.tracking.v1 import tracking_pb2
from servicekit.clock import MICROSECONDS_PER_SECOND, NANOSECONDS_PER_MICROSECOND, Instant
from servicekit.identifiers import StreamId, UserId, WhiteboardSessionId
from tracking_service.domain.events import EndReason, EventKind, Participant, PresenceEvent, UserType
from tracking_service.domain.heartbeat_columns import HeartbeatColumns
from tracking_service.domain.journal import JournalPart, JournalRecord, Source

# To look up a name among the members of an enum takes as long as to read five fields of a message.
_KINDS = {tracking_pb2.EventKind.Value(kind): kind for kind in EventKind}
_USER_TYPES = {tracking_pb2.UserType.Value(user_type): user_type for user_type in UserType}
_REASONS = {tracking_pb2.DisconnectReason.Value(reason): reason for reason in EndReason}
_KIND_NUMBERS = {kind: number for number, kind in _KINDS.items()}
_USER_TYPE_NUMBERS = {user_type: number for number, user_type in _USER_TYPES.items()}
_REASON_NUMBERS = {reason: number for number, reason in _REASONS.items()}

_KEY, _TIME, _CONNECTION = np.dtype("<i8"), np.dtype("<i8"), np.dtype("<u4")


def encoded(record: JournalRecord) -> bytes:
    """Return the bytes of a record."""
    return journal_pb2.JournalRecord(
        parts=map(_part_message, record.parts), connection_ids=record.connection_ids
    ).SerializeToString()


def decoded(bucket: int, payload: bytes | memoryview) -> JournalRecord:
    """Read the bytes of a record."""
    message = journal_pb2.JournalRecord.FromString(bytes(payload))
    return JournalRecord(bucket, [_part(part) for part in message.parts], dict(message.connection_ids))


def _part_message(part: JournalPart) -> journal_pb2.JournalPart:
    heartbeats, stream = part.heartbeats, part.source.stream
    return journal_pb2.JournalPart(
        stream_id=b"" if stream is None else stream.bytes,
        is_live=part.source.is_live,
        participants=heartbeats.keys.astype(_KEY, copy=False).tobytes(),
        times=heartbeats.times.astype(_TIME, copy=False).tobytes(),
        connections=heartbeats.connections.astype(_CONNECTION, copy=False).tobytes(),
        events=map(_event_message, part.events),
    )


def _part(message: journal_pb2.JournalPart) -> JournalPart:
    stream = StreamId(UUID(bytes=message.stream_id)) if message.stream_id else None
    heartbeats = HeartbeatColumns(
        np.frombuffer(message.participants, _KEY),
        np.frombuffer(message.times, _TIME),
        np.frombuffer(message.connections, _CONNECTION),
    )
    return JournalPart(Source(stream, message.is_live), heartbeats, [_event(event) for event in message.events])


def _event_message(event: PresenceEvent) -> tracking_pb2.PresenceEvent:
    session_id, user_id, user_type = event.participant
    message = tracking_pb2.PresenceEvent(
        kind=_KIND_NUMBERS[event.kind],
        session_id=session_id,
        user_type=_USER_TYPE_NUMBERS[user_type],
        user_id=user_id,
        activity_type=event.activity_type,
        connection_id=event.connection_id,
        disconnect_reason=_REASON_NUMBERS[event.reason],
    )
    seconds, microseconds = divmod(event.at, MICROSECONDS_PER_SECOND)
    message.observed_at.seconds, message.observed_at.nanos = seconds, microseconds * NANOSECONDS_PER_MICROSECOND
    return message


def _event(message: tracking_pb2.PresenceEvent) -> PresenceEvent:
    stamp = message.observed_at
    return PresenceEvent(
        Participant(
            WhiteboardSessionId(message.session_id),
            UserId(message.user_id),
            _USER_TYPES[message.user_type],
        ),
        _KINDS[message.kind],
        Instant(stamp.seconds * MICROSECONDS_PER_SECOND + stamp.nanos // NANOSECONDS_PER_MICROSECOND),
        message.connection_id,
        message.activity_type,
        _REASONS[message.disconnect_reason],
    )
