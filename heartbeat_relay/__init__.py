"""The way of internal services to the tracking service: events in, batched, numbered, kept until acknowledged.

    async with HeartbeatRelay("tracking:50051", token) as relay:
        relay.connect(session_id=7, user_id=201, user_type="student")

docs/relay-client.md explains what is promised and what is not.
"""

from __future__ import annotations

from heartbeat_relay.bearer import Token
from heartbeat_relay.errors import EventsUnacknowledged, RelayClosed, RelayError, RelayFailed, RelayFull
from heartbeat_relay.events import Reason, UserType
from heartbeat_relay.receipts import OnAnswered
from heartbeat_relay.relay import HeartbeatRelay
from heartbeat_relay.statistics import Statistics
from heartbeat_relay.stream import OnRejection

__all__ = [
    "EventsUnacknowledged",
    "HeartbeatRelay",
    "OnAnswered",
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
