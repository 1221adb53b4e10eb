"""Reading plain heartbeats without a detour: nearly every event is one, and there may be a hundred thousand a second.

Only what is certain is read here. Whatever is unusual (another kind, an unusual connection id, a time out of bounds,
a fault) is left to `tracking_service.wire.reports` and `tracking_service.ingest.intake`, which name what is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence

from astegni.tracking.v1 import tracking_pb2
from servicekit.auth.principal import Principal
from servicekit.clock import MICROSECONDS_PER_SECOND, NANOSECONDS_PER_MICROSECOND, Instant
from tracking_service.domain.events import PLAIN_HEARTBEAT
from tracking_service.domain.runs import PlainHeartbeat, participant_key
from tracking_service.wire.frames import Numbered
from tracking_service.wire.reports import CONNECTION_ID_LENGTH

_PLAIN_ACTIVITY = ("", PLAIN_HEARTBEAT)
_USER_TYPES = (tracking_pb2.tutor, tracking_pb2.student)


class PlainHeartbeatReader:
    """Reads the plain heartbeats of one caller."""

    def __init__(self, principal: Principal, *, backfill_limit: int) -> None:
        """`backfill_limit` is in microseconds."""
        self._is_relay = principal.is_service
        self._own_user_id = principal.user_id or 0
        self._own_types = frozenset(
            number for number in _USER_TYPES if tracking_pb2.UserType.Name(number) in principal.roles
        )
        self._backfill_limit = backfill_limit

    def leading(self, messages: Sequence[Numbered], start: int, sequence: int, now: Instant) -> list[PlainHeartbeat]:
        """Return the plain heartbeats from `start` on that are numbered from `sequence` on, up to the first other."""
        found: list[PlainHeartbeat] = []
        for index in range(start, len(messages)):
            message = messages[index]
            if message.sequence != sequence or not isinstance(message, tracking_pb2.PresenceEvent):
                break
            heartbeat = self._read(message, now)
            if heartbeat is None:
                break
            found.append(heartbeat)
            sequence += 1
        return found

    def _read(self, event: tracking_pb2.PresenceEvent, now: Instant) -> PlainHeartbeat | None:
        session_id, user_type, connection_id = event.session_id, event.user_type, event.connection_id
        if event.kind != tracking_pb2.heartbeat or event.activity_type not in _PLAIN_ACTIVITY or session_id <= 0:
            return None
        if connection_id and (len(connection_id) > CONNECTION_ID_LENGTH or not connection_id.isprintable()):
            return None
        user_id = self._user_id(event)
        at = self._moment(event, now)
        if user_type not in _USER_TYPES or user_id <= 0 or at is None:
            return None
        key = participant_key(session_id, user_id, is_student=user_type == tracking_pb2.student)
        return PlainHeartbeat(event.sequence, key, at, connection_id)

    def _user_id(self, event: tracking_pb2.PresenceEvent) -> int:
        if self._is_relay:
            return event.user_id
        if event.user_type in self._own_types and not event.HasField("user_id"):
            return self._own_user_id
        return 0

    def _moment(self, event: tracking_pb2.PresenceEvent, now: Instant) -> Instant | None:
        if not self._is_relay or not event.HasField("observed_at"):
            return now
        stamp = event.observed_at
        at = stamp.seconds * MICROSECONDS_PER_SECOND + stamp.nanos // NANOSECONDS_PER_MICROSECOND
        return Instant(at) if now - self._backfill_limit <= at <= now else None
