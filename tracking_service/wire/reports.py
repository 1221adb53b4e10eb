"""From requests and frames to reports; every field at fault is named."""

from __future__ import annotations

from google.protobuf.timestamp_pb2 import Timestamp

from astegni.tracking.v1 import tracking_pb2
from servicekit.clock import NANOSECONDS_PER_MICROSECOND, Instant
from servicekit.errors import FieldViolation, InvalidArgument
from servicekit.identifiers import UserId, WhiteboardSessionId
from tracking_service.domain.activity import is_activity_type
from tracking_service.domain.events import PLAIN_HEARTBEAT, EndReason, EventKind, UserType
from tracking_service.domain.windows import Window
from tracking_service.ingest.intake import GapReport, Report

#: Room for a UUID with a prefix.
CONNECTION_ID_LENGTH = 64
#: As many as events in a batch.
SESSIONS_PER_GAP = 1_000

_USER_TYPES: dict[int, UserType] = {tracking_pb2.tutor: UserType.TUTOR, tracking_pb2.student: UserType.STUDENT}
_KINDS: dict[int, EventKind] = {
    tracking_pb2.connect: EventKind.CONNECT,
    tracking_pb2.heartbeat: EventKind.HEARTBEAT,
    tracking_pb2.disconnect: EventKind.DISCONNECT,
}
_REASONS: dict[int, EndReason] = {
    tracking_pb2.DISCONNECT_REASON_UNSPECIFIED: EndReason.CLOSED,
    tracking_pb2.closed: EndReason.CLOSED,
    tracking_pb2.timed_out: EndReason.TIMED_OUT,
}
_UNARY_KINDS = {
    tracking_pb2.ConnectRequest: EventKind.CONNECT,
    tracking_pb2.HeartbeatRequest: EventKind.HEARTBEAT,
    tracking_pb2.DisconnectRequest: EventKind.DISCONNECT,
}
UnaryRequest = tracking_pb2.ConnectRequest | tracking_pb2.HeartbeatRequest | tracking_pb2.DisconnectRequest
_Faults = list[FieldViolation]


def of_request(request: UnaryRequest) -> Report:
    """Read a Connect, Heartbeat or Disconnect request."""
    faults: _Faults = []
    activity_type = request.activity_type if isinstance(request, tracking_pb2.HeartbeatRequest) else ""
    report = Report(
        kind=_UNARY_KINDS[type(request)],
        session_id=session_id(request.session_id, faults),
        user_type=_user_type(request.user_type, faults),
        user_id=_user_id(request, faults),
        activity_type=_activity_type(activity_type, faults),
        observed_at=None,
        connection_id=_connection_id(request.connection_id, faults),
        reason=EndReason.CLOSED,
    )
    refuse(faults)
    return report


def of_event(event: tracking_pb2.PresenceEvent) -> Report:
    """Read one event of a stream."""
    faults: _Faults = []
    report = Report(
        kind=_kind(event.kind, faults),
        session_id=session_id(event.session_id, faults),
        user_type=_user_type(event.user_type, faults),
        user_id=_user_id(event, faults),
        activity_type=_activity_type(event.activity_type, faults),
        observed_at=optional_instant(event.observed_at, "observed_at", faults)
        if event.HasField("observed_at")
        else None,
        connection_id=_connection_id(event.connection_id, faults),
        reason=_reason(event.disconnect_reason, faults),
    )
    refuse(faults)
    return report


def of_gap(gap: tracking_pb2.ObservationGap) -> GapReport:
    """Read a gap that a relay tells."""
    faults: _Faults = []
    for field in ("started_at", "ended_at"):
        if not gap.HasField(field):
            faults.append(FieldViolation(field, "must say when the relay became blind, and when it saw again"))
    extent = Window(
        optional_instant(gap.started_at, "started_at", faults), optional_instant(gap.ended_at, "ended_at", faults)
    )
    if extent.end < extent.start:
        faults.append(FieldViolation("ended_at", "must not lie before started_at"))
    if len(gap.session_ids) > SESSIONS_PER_GAP:
        faults.append(FieldViolation("session_ids", f"must hold at most {SESSIONS_PER_GAP}: send several gaps"))
    report = GapReport(extent, frozenset(session_id(number, faults, "session_ids") for number in gap.session_ids))
    refuse(faults)
    return report


def session_id(number: int, faults: _Faults, field: str = "session_id") -> WhiteboardSessionId:
    """Read a whiteboard session's id."""
    if number <= 0:
        faults.append(FieldViolation(field, "must be the id of a whiteboard session, a positive number"))
    return WhiteboardSessionId(number)


def optional_instant(timestamp: Timestamp, field: str, faults: _Faults) -> Instant:
    """Read a timestamp, cut to microseconds."""
    try:
        return Instant(timestamp.ToNanoseconds() // NANOSECONDS_PER_MICROSECOND)
    except ValueError:
        faults.append(FieldViolation(field, "must be a valid timestamp"))
        return Instant(0)


def refuse(faults: _Faults) -> None:
    """Raise InvalidArgument with every fault, if there are any."""
    if faults:
        raise InvalidArgument(*faults)


def _user_type(number: int, faults: _Faults) -> UserType:
    user_type = _USER_TYPES.get(number)
    if user_type is None:
        faults.append(FieldViolation("user_type", "must be 'tutor' or 'student'"))
    return user_type or UserType.STUDENT


def _user_id(message: UnaryRequest | tracking_pb2.PresenceEvent, faults: _Faults) -> UserId | None:
    if not message.HasField("user_id"):
        return None
    if message.user_id <= 0:
        faults.append(FieldViolation("user_id", "must be the id of a user, a positive number"))
    return UserId(message.user_id)


def _kind(number: int, faults: _Faults) -> EventKind:
    kind = _KINDS.get(number)
    if kind is None:
        faults.append(FieldViolation("kind", "must be connect, heartbeat or disconnect"))
    return kind or EventKind.HEARTBEAT


def _reason(number: int, faults: _Faults) -> EndReason:
    reason = _REASONS.get(number)
    if reason is None:
        faults.append(FieldViolation("disconnect_reason", "must be closed or timed_out"))
    return reason or EndReason.CLOSED


def _activity_type(word: str, faults: _Faults) -> str:
    if not word or is_activity_type(word):
        return word or PLAIN_HEARTBEAT
    faults.append(
        FieldViolation(
            "activity_type",
            "must be a lower-case word like heartbeat, draw, type or erase: up to 32 letters, digits and underscores",
        )
    )
    return PLAIN_HEARTBEAT


def _connection_id(name: str, faults: _Faults) -> str:
    if len(name) > CONNECTION_ID_LENGTH or not name.isprintable():
        faults.append(FieldViolation("connection_id", f"must have at most {CONNECTION_ID_LENGTH} printable characters"))
    return name
