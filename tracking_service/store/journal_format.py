"""Records of the journal as bytes: a number, and `astegni.tracking.journal.v1.JournalRecord`."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import lru_cache
from uuid import UUID

import numpy as np

from astegni.tracking.journal.v1 import journal_pb2
from astegni.tracking.v1 import tracking_pb2
from servicekit.clock import MICROSECONDS_PER_SECOND, NANOSECONDS_PER_MICROSECOND, Instant
from servicekit.identifiers import StreamId, UserId, WhiteboardSessionId
from tracking_service.domain.events import EndReason, EventKind, Participant, PresenceEvent, UserType
from tracking_service.domain.grouping import ALL_GROUPS, UNDIVIDED, Grouping
from tracking_service.domain.heartbeat_columns import SESSION_SHIFT, HeartbeatColumns, together
from tracking_service.domain.journal import JournalRecord, Source, SourcedEvent

# To look up a name among the members of an enum takes as long as to read five fields of a message.
_KINDS = {tracking_pb2.EventKind.Value(kind): kind for kind in EventKind}
_USER_TYPES = {tracking_pb2.UserType.Value(user_type): user_type for user_type in UserType}
_REASONS = {tracking_pb2.DisconnectReason.Value(reason): reason for reason in EndReason}
_KIND_NUMBERS = {kind: number for number, kind in _KINDS.items()}
_USER_TYPE_NUMBERS = {user_type: number for number, user_type in _USER_TYPES.items()}
_REASON_NUMBERS = {reason: number for number, reason in _REASONS.items()}

#: Goes before a record. No message begins with it, so that a service of an earlier version, which would find nothing in
#: the record and take it for folded, fails to read it.
_FORMAT = b"\x02"
#: Instead of it, if there are participants who are still to be checked. An earlier version would take them for checked.
_FORMAT_WITH_UNCHECKED = b"\x03"
_IS_LIVE, _IS_UNCHECKED = 1, 2
_NO_STREAM = bytes(16)
_SOURCE_BYTES = len(_NO_STREAM) + 1
_BITS_PER_BYTE = 8
_KEY, _TIME, _CONNECTION = np.dtype("<i8"), np.dtype("<i8"), np.dtype("<u4")


def encoded(record: JournalRecord) -> bytes:
    """Return the bytes of a record."""
    heartbeats = record.heartbeats
    has_unchecked = any(source.is_unchecked for source in record.sources)
    return (_FORMAT_WITH_UNCHECKED if has_unchecked else _FORMAT) + journal_pb2.JournalRecord(
        sources=b"".join(map(_source_bytes, record.sources)),
        participants=heartbeats.keys.astype(_KEY, copy=False).tobytes(),
        times=heartbeats.times.astype(_TIME, copy=False).tobytes(),
        connections=heartbeats.connections.astype(_CONNECTION, copy=False).tobytes(),
        heartbeats_by_source=np.bincount(record.heartbeat_sources, minlength=len(record.sources)).tolist(),
        events=[_event_message(one.event) for one in record.events],
        event_sources=[one.source for one in record.events],
        connection_ids=record.connection_ids,
    ).SerializeToString()


def decoded(
    bucket: int,
    payload: bytes | memoryview,
    groups: Collection[int] = ALL_GROUPS,
    grouping: Grouping = UNDIVIDED,
) -> JournalRecord:
    """Read the bytes of a record: heartbeats, and other events of these groups, since each of those takes long."""
    content = bytes(payload)
    if not content.startswith((_FORMAT, _FORMAT_WITH_UNCHECKED)):
        return _of_parts(bucket, journal_pb2.RecordOfParts.FromString(content), groups, grouping)
    message = journal_pb2.JournalRecord.FromString(content[len(_FORMAT) :])
    return JournalRecord(
        bucket,
        [_source(one) for one in _divided(message.sources, _SOURCE_BYTES)],
        _heartbeats(message),
        np.repeat(np.arange(len(message.heartbeats_by_source)), message.heartbeats_by_source),
        [
            SourcedEvent(source, _event(event))
            for source, event in zip(message.event_sources, message.events, strict=True)
            if grouping.group_of(event.session_id) in groups
        ],
        dict(message.connection_ids),
    )


def traces(session_id: WhiteboardSessionId) -> tuple[bytes, bytes]:
    """Return two sequences of bytes: a record that concerns a session has one of them. Others may have one, too."""
    # The upper half of a participant's key, for heartbeats; for other events the field.
    in_keys = session_id.to_bytes(_KEY.itemsize - SESSION_SHIFT // _BITS_PER_BYTE, "little")
    return in_keys, tracking_pb2.PresenceEvent(session_id=session_id).SerializeToString()


def _of_parts(
    bucket: int, message: journal_pb2.RecordOfParts, groups: Collection[int], grouping: Grouping
) -> JournalRecord:
    parts = message.parts
    columns = [_heartbeats(part) for part in parts]
    return JournalRecord(
        bucket,
        [_source((part.stream_id or _NO_STREAM) + bytes([part.is_live])) for part in parts],
        together(columns),
        np.repeat(np.arange(len(columns)), [len(own) for own in columns]),
        [
            SourcedEvent(position, _event(event))
            for position, part in enumerate(parts)
            for event in part.events
            if grouping.group_of(event.session_id) in groups
        ],
        dict(message.connection_ids),
    )


def _heartbeats(message: journal_pb2.JournalRecord | journal_pb2.JournalPart) -> HeartbeatColumns:
    return HeartbeatColumns(
        np.frombuffer(message.participants, _KEY),
        np.frombuffer(message.times, _TIME),
        np.frombuffer(message.connections, _CONNECTION),
    )


def _source_bytes(source: Source) -> bytes:
    flags = _IS_LIVE * source.is_live + _IS_UNCHECKED * source.is_unchecked
    return (_NO_STREAM if source.stream is None else source.stream.bytes) + bytes([flags])


@lru_cache(maxsize=4096)
def _source(content: bytes) -> Source:
    """Read a source; the same ones send again and again."""
    stream, flags = content[: len(_NO_STREAM)], content[-1]
    return Source(
        None if stream == _NO_STREAM else StreamId(UUID(bytes=stream)),
        is_live=bool(flags & _IS_LIVE),
        is_unchecked=bool(flags & _IS_UNCHECKED),
    )


def _divided(content: bytes, size: int) -> Iterator[bytes]:
    return (content[start : start + size] for start in range(0, len(content), size))


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
