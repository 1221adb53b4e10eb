"""Streams the demo's events through the tracking service, as a whiteboard server does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC

from astegni.tracking.v1 import tracking_pb2 as tracking
from heartbeat_relay import HeartbeatRelay, UserType

#: Generous: it bounds how long a service that is stuck is waited for, nothing else.
FLUSH_SECONDS = 60.0
_USER_TYPES: dict[int, UserType] = {tracking.tutor: "tutor", tracking.student: "student"}


class EventsRefused(RuntimeError):
    """The tracking service refused events of the demo; the message names the first."""


async def stream(events: Sequence[tracking.PresenceEvent], address: str, token: str) -> None:
    """Return when every event is committed; EventsRefused, RelayError."""
    refusals: list[str] = []

    def note(_event: tracking.PresenceEvent, _reason: str, message: str) -> None:
        refusals.append(message)

    async with HeartbeatRelay(address, token, flush_seconds=FLUSH_SECONDS, on_rejection=note) as relay:
        for event in events:
            _hand_over(event, relay)
    if refusals:
        raise EventsRefused(f"{len(refusals)} of {len(events)} events were refused, the first: {refusals[0]}")


def _hand_over(event: tracking.PresenceEvent, relay: HeartbeatRelay) -> None:
    role, at = _USER_TYPES[event.user_type], event.observed_at.ToDatetime(UTC)
    session_id, user_id, connection_id = event.session_id, event.user_id, event.connection_id
    if event.kind == tracking.connect:
        relay.connect(session_id=session_id, user_id=user_id, user_type=role, connection_id=connection_id, at=at)
    elif event.kind == tracking.disconnect:
        relay.disconnect(session_id=session_id, user_id=user_id, user_type=role, connection_id=connection_id, at=at)
    else:
        relay.heartbeat(
            session_id=session_id,
            user_id=user_id,
            user_type=role,
            activity_type=event.activity_type,
            connection_id=connection_id,
            at=at,
        )
