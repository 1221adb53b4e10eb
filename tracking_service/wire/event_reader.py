"""From messages to events: whose event it is and when it happened (docs/identity.md, docs/presence.md#clocks)."""

from __future__ import annotations

from collections.abc import Callable

from astegni.tracking.v1 import tracking_pb2
from servicekit.auth.principal import Principal
from servicekit.clock import Clock, Instant
from servicekit.errors import FieldViolation, InvalidArgument
from servicekit.identifiers import StreamId, UserId, WhiteboardSessionId
from servicekit.time_ranges import TimeRange
from tracking_service.domain.activity import is_activity_type
from tracking_service.domain.events import (
    PLAIN_HEARTBEAT,
    EndReason,
    EventKind,
    Participant,
    PresenceEvent,
    UserType,
)
from tracking_service.domain.provenance import RelayGap
from tracking_service.errors import EventTooOld, IdentityMismatch
from tracking_service.wire.fields import instant, refuse, session_id

#: Room for a UUID with a prefix.
MAX_CONNECTION_ID_LENGTH = 64
#: As many as events in a batch.
MAX_SESSIONS_PER_GAP = 1_000

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


class EventReader:
    """Reads the events of one caller."""

    __slots__ = ("_arrival_time", "_backfill_limit", "_clock", "_principal")

    def __init__(
        self, principal: Principal, clock: Clock, *, arrival_time: Callable[[], Instant], backfill_limit: int
    ) -> None:
        """`arrival_time` returns the time of what is read now; `backfill_limit` is in microseconds."""
        self._principal = principal
        self._clock = clock
        self._arrival_time = arrival_time
        self._backfill_limit = backfill_limit

    def request(self, request: UnaryRequest) -> PresenceEvent:
        """Read a Connect, Heartbeat or Disconnect request.

        Raises:
            IdentityMismatch: it contradicts the token.
            InvalidArgument: with every field at fault.
        """
        activity_type = request.activity_type if isinstance(request, tracking_pb2.HeartbeatRequest) else ""
        return self._read(request, [], kind=_UNARY_KINDS[type(request)], activity_type=activity_type)

    def event(self, message: tracking_pb2.PresenceEvent) -> PresenceEvent:
        """Read one event of a stream.

        Raises:
            EventTooOld: a relay's event is older than the back-fill limit.
            IdentityMismatch: it contradicts the token.
            InvalidArgument: with every field at fault.
        """
        faults: _Faults = []
        return self._read(
            message,
            faults,
            kind=_kind(message.kind, faults),
            activity_type=message.activity_type,
            observed_at=instant(message.observed_at, "observed_at", faults)
            if message.HasField("observed_at")
            else None,
            reason=_reason(message.disconnect_reason, faults),
        )

    def gap(self, message: tracking_pb2.ObservationGap, stream_id: StreamId) -> RelayGap:
        """Read a gap that a relay reports. What lies in the future or beyond the back-fill limit is cut off.

        Raises:
            EventTooOld: it ended before the back-fill limit.
            InvalidArgument: with every field at fault.
            RoleMissing: the caller is no relay.
        """
        reported, session_ids = _gap(message)
        self._principal.require_service()
        now = self._clock.now()
        oldest = now - self._backfill_limit
        if reported.end < oldest:
            raise EventTooOld
        start, end = (min(max(at, oldest), now) for at in (reported.start, reported.end))
        return RelayGap(stream_id, TimeRange(Instant(start), Instant(end)), session_ids)

    def _read(
        self,
        message: UnaryRequest | tracking_pb2.PresenceEvent,
        faults: _Faults,
        *,
        kind: EventKind,
        activity_type: str,
        observed_at: Instant | None = None,
        reason: EndReason = EndReason.CLOSED,
    ) -> PresenceEvent:
        whiteboard_session_id = session_id(message.session_id, faults)
        user_type = _user_type(message.user_type, faults)
        user_id = _user_id(message, faults)
        activity_type = _activity_type(activity_type, faults)
        connection_id = _connection_id(message.connection_id, faults)
        refuse(faults)
        participant = Participant(whiteboard_session_id, self._identified(user_id, user_type), user_type)
        return PresenceEvent(participant, kind, self._time(observed_at), connection_id, activity_type, reason)

    def _identified(self, user_id: UserId | None, user_type: UserType) -> UserId:
        """Return the user of the event: a relay names the user; for a person it is the user of the token."""
        if self._principal.is_service:
            if user_id is None:
                raise InvalidArgument(FieldViolation("user_id", "a relay must say whose event this is"))
            return user_id
        own = self._principal.require_person()
        if user_id is not None and user_id != own:
            raise IdentityMismatch("user_id is not the user of the token; leave it out")
        if user_type.value not in self._principal.roles:
            raise IdentityMismatch(f"the token does not grant the role {user_type.value!r} that user_type claims")
        return own

    def _time(self, observed_at: Instant | None) -> Instant:
        # Only the times of relays are used; events of participants get the time at which they arrived.
        if not self._principal.is_service:
            return self._arrival_time()
        now = self._clock.now()
        if observed_at is None:
            return now
        if observed_at < now - self._backfill_limit:
            raise EventTooOld
        return min(observed_at, now)


def _gap(message: tracking_pb2.ObservationGap) -> tuple[TimeRange[Instant], frozenset[WhiteboardSessionId]]:
    faults: _Faults = []
    for field in ("started_at", "ended_at"):
        if not message.HasField(field):
            faults.append(FieldViolation(field, "must be set: the gap needs a start and an end"))
    reported = TimeRange(
        instant(message.started_at, "started_at", faults), instant(message.ended_at, "ended_at", faults)
    )
    if reported.end < reported.start:
        faults.append(FieldViolation("ended_at", "must not lie before started_at"))
    if len(message.session_ids) > MAX_SESSIONS_PER_GAP:
        faults.append(FieldViolation("session_ids", f"must hold at most {MAX_SESSIONS_PER_GAP}: send several gaps"))
    session_ids = frozenset(session_id(number, faults, "session_ids") for number in message.session_ids)
    refuse(faults)
    return reported, session_ids


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


def _activity_type(name: str, faults: _Faults) -> str:
    if not name or is_activity_type(name):
        return name or PLAIN_HEARTBEAT
    faults.append(
        FieldViolation(
            "activity_type",
            "must be a lower-case word like heartbeat, draw, type or erase: up to 32 letters, digits and underscores",
        )
    )
    return PLAIN_HEARTBEAT


def is_connection_id(name: str) -> bool:
    """Return whether a connection may have this id; the empty one stands for no id."""
    return len(name) <= MAX_CONNECTION_ID_LENGTH and name.isprintable()


def _connection_id(name: str, faults: _Faults) -> str:
    if not is_connection_id(name):
        faults.append(
            FieldViolation("connection_id", f"must have at most {MAX_CONNECTION_ID_LENGTH} printable characters")
        )
    return name
