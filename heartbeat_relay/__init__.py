"""The client with which internal services send presence events to the tracking service.

    async with HeartbeatRelay("tracking:50051", token) as relay:
        relay.connect(session_id=7, user_id=201, user_type="student")

Events are numbered, sent in batches, and kept until they are acknowledged. docs/relay-client.md says what is promised.
"""

from __future__ import annotations

from heartbeat_relay.call import Token
from heartbeat_relay.errors import EventsUnacknowledged, RelayClosed, RelayError, RelayFailed, RelayFull
from heartbeat_relay.events import Reason, UserType
from heartbeat_relay.outbox import OnAcknowledged
from heartbeat_relay.relay import HeartbeatRelay, Statistics
from heartbeat_relay.stream import OnRejection

__all__ = [
    "EventsUnacknowledged",
    "HeartbeatRelay",
    "OnAcknowledged",
    "OnRejection",
    "Reason",
    "RelayClosed",
    "RelayError",
    "RelayFailed",
    "RelayFull",
    "Statistics",
    "Token",
    "UserType",
]
