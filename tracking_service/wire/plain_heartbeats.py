"""Reading plain heartbeats without a detour: nearly every event is one, and there may be a hundred thousand a second.

Only what is certain is read here. Whatever is unusual (another kind, an unusual connection id, a time out of bounds,
a fault) is left to `tracking_service.wire.reports` and `tracking_service.ingest.intake`, which name what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

from astegni.tracking.v1 import tracking_pb2
from servicekit.auth.principal import Principal
from servicekit.clock import MICROSECONDS_PER_SECOND, NANOSECONDS_PER_MICROSECOND, Instant
from tracking_service.domain.events import PLAIN_HEARTBEAT
from tracking_service.domain.runs import PlainHeartbeat, participant_key
from tracking_service.wire.frames import Numbered
from tracking_service.wire.reports import CONNECTION_ID_LENGTH

_PLAIN_ACTIVITY = ("", PLAIN_HEARTBEAT)
_HEARTBEAT = tracking_pb2.heartbeat
_STUDENT = tracking_pb2.student
_USER_TYPES = (tracking_pb2.tutor, _STUDENT)


class PlainHeartbeatReader:
    """Reads the plain heartbeats of one caller."""

    __slots__ = ("_backfill_limit", "_is_relay", "_own_types", "_own_user_id")

    def __init__(self, principal: Principal, *, backfill_limit: int) -> None:
        """`backfill_limit` is in microseconds."""
        self._is_relay = principal.is_service
        self._own_user_id = principal.user_id or 0
        self._own_types = frozenset(
            number
            for number in _USER_TYPES
            if self._own_user_id and tracking_pb2.UserType.Name(number) in principal.roles
        )
        self._backfill_limit = backfill_limit

    def leading(self, messages: Sequence[Numbered], start: int, sequence: int, now: Instant) -> list[PlainHeartbeat]:
        """Return the plain heartbeats from `start` on that are numbered from `sequence` on, up to the first other."""
        if isinstance(messages[start], tracking_pb2.ObservationGap):
            return []
        events = cast("Sequence[tracking_pb2.PresenceEvent]", messages[start:] if start else messages)
        return self._relayed(events, sequence, now) if self._is_relay else self._own(events, sequence, now)

    def _relayed(
        self, events: Iterable[tracking_pb2.PresenceEvent], sequence: int, now: Instant
    ) -> list[PlainHeartbeat]:
        found: list[PlainHeartbeat] = []
        oldest = now - self._backfill_limit
        for event in events:
            # Reading a field costs as much as what is done with it, and so does a call: there are few of either.
            if event.sequence != sequence or not _is_plain(event):
                break
            stamp = event.observed_at
            at = stamp.seconds * MICROSECONDS_PER_SECOND + stamp.nanos // NANOSECONDS_PER_MICROSECOND
            if not oldest <= at <= now:
                if event.HasField("observed_at"):
                    break
                at = now
            session_id, user_id, user_type = event.session_id, event.user_id, event.user_type
            if session_id <= 0 or user_id <= 0 or user_type not in _USER_TYPES:
                break
            key = participant_key(session_id, user_id, is_student=user_type == _STUDENT)
            found.append(PlainHeartbeat(sequence, key, Instant(at), event.connection_id))
            sequence += 1
        return found

    def _own(self, events: Iterable[tracking_pb2.PresenceEvent], sequence: int, now: Instant) -> list[PlainHeartbeat]:
        found: list[PlainHeartbeat] = []
        for event in events:
            user_type = event.user_type
            names_own = user_type in self._own_types and not event.HasField("user_id")
            if event.sequence != sequence or not _is_plain(event) or not names_own or event.session_id <= 0:
                break
            key = participant_key(event.session_id, self._own_user_id, is_student=user_type == _STUDENT)
            found.append(PlainHeartbeat(sequence, key, now, event.connection_id))
            sequence += 1
        return found


def _is_plain(event: tracking_pb2.PresenceEvent) -> bool:
    connection_id = event.connection_id
    return (
        event.kind == _HEARTBEAT
        and event.activity_type in _PLAIN_ACTIVITY
        and (not connection_id or (len(connection_id) <= CONNECTION_ID_LENGTH and connection_id.isprintable()))
    )
