"""The connection status as messages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from astegni.tracking.v1 import tracking_pb2
from servicekit.auth.principal import Principal
from servicekit.clock import from_datetime
from tracking_service.domain.connection_log import FOLDED
from tracking_service.domain.status import ParticipantStatus
from tracking_service.queries.status import ConnectionStatus, SessionStatus
from tracking_service.wire.fields import USER_TYPES, optional_timestamp, timestamp

#: The largest int32.
MAX_COUNT = 2**31 - 1


def connection_status(connection: ConnectionStatus, principal: Principal) -> tracking_pb2.GetConnectionStatusResponse:
    """Return the status for its caller; log entries are ordered by their times."""
    entries = [_log_entry(entry) for entry in connection.connection_logs if isinstance(entry, dict)]
    response = _status(connection.session, principal)
    response.connection_logs.extend(sorted(entries, key=lambda entry: (entry.timestamp.seconds, entry.timestamp.nanos)))
    return response


def watched_status(session: SessionStatus, principal: Principal) -> tracking_pb2.WatchConnectionStatusResponse:
    """Return a state for a watcher."""
    return tracking_pb2.WatchConnectionStatusResponse(
        status=_status(session, principal), as_of=timestamp(session.status.as_of)
    )


def _status(session: SessionStatus, principal: Principal) -> tracking_pb2.GetConnectionStatusResponse:
    tutor, student = session.status.tutor, session.status.student
    return tracking_pb2.GetConnectionStatusResponse(
        session_id=session.session_id,
        tutor_connected=tutor.connected,
        tutor_connected_at=optional_timestamp(tutor.connected_at),
        tutor_disconnected_at=optional_timestamp(tutor.disconnected_at),
        tutor_last_activity_at=optional_timestamp(tutor.last_activity_at),
        tutor_total_active_seconds=tutor.total_active_seconds,
        student_connected=student.connected,
        student_connected_at=optional_timestamp(student.connected_at),
        student_disconnected_at=optional_timestamp(student.disconnected_at),
        student_last_activity_at=optional_timestamp(student.last_activity_at),
        student_total_active_seconds=student.total_active_seconds,
        session_duration_seconds=session.status.duration_seconds,
        participants=[_participant(one) for one in session.visible_participants(principal)],
    )


def _participant(one: ParticipantStatus) -> tracking_pb2.ParticipantStatus:
    return tracking_pb2.ParticipantStatus(
        user_id=one.participant.user_id,
        user_type=USER_TYPES[one.participant.user_type],
        connected=one.present_since is not None,
        present_since=optional_timestamp(one.present_since),
        left_at=optional_timestamp(one.left_at),
    )


def _log_entry(entry: dict[str, Any]) -> tracking_pb2.ConnectionLogEntry:
    """Return a log entry, leaving out what is not as expected: the platform's own old entries can differ."""
    user_id = entry.get("user_id")
    rendered = tracking_pb2.ConnectionLogEntry(
        user_id=user_id if isinstance(user_id, int) and 0 <= user_id <= MAX_COUNT else 0,
        user_type=str(entry.get("user_type", "")),
        event=str(entry.get("event", "")),
    )
    at = _datetime(entry.get("timestamp"))
    if at is not None:
        rendered.timestamp.CopyFrom(timestamp(from_datetime(at)))
    for name in ("activity_type", "reason", "connection_id"):
        if isinstance(entry.get(name), str):
            setattr(rendered, name, entry[name])
    until = _datetime(entry.get("until"))
    if entry.get("event") == FOLDED and isinstance(entry.get("count"), int) and until is not None:
        rendered.folded_count = min(entry["count"], MAX_COUNT)
        rendered.folded_until.CopyFrom(timestamp(from_datetime(until)))
    return rendered


def _datetime(value: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    # Before this service was installed, the platform wrote these times in UTC, without a time zone.
    return at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at
