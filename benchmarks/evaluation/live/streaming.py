"""Telemetry through the real tracking service, as whiteboard servers relay it.

Participants' own events bear the time at which the service reads them; only a relay can tell of the past.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import NamedTuple

from astegni.tracking.v1 import tracking_pb2 as tracking
from benchmarks.evaluation.simulation.delivery import Telemetry
from benchmarks.evaluation.simulation.plan import PersonPlan
from benchmarks.evaluation.simulation.simulated import SimulatedClass
from benchmarks.evaluation.simulation.words import Kind, Role
from heartbeat_relay import HeartbeatRelay, Reason, UserType
from servicekit.auth.principal import SERVICE_ROLE
from tests.tokens import token

#: Like so many whiteboard servers.
STREAMS = 4
#: Events that are on the way: enough to keep the service busy, little enough to fit into memory.
_CAPACITY = 100_000
#: Generous: it bounds how long a service that is stuck is waited for, nothing else.
_FLUSH_SECONDS = 120.0
_USER_TYPES: Mapping[Role, UserType] = {Role.TUTOR: "tutor", Role.STUDENT: "student"}


class EventsRefused(RuntimeError):
    """The tracking service refused events; the message names the first."""


class _Arrival(NamedTuple):
    """An event as it comes in, beside those of other classes."""

    telemetry: Telemetry
    number: int
    person: PersonPlan
    start: datetime


@asynccontextmanager
async def relaying(address: str) -> AsyncIterator[HeartbeatRelay]:
    """Open the relay; leaving the block waits until everything is committed. EventsRefused, RelayError."""
    refused: list[str] = []

    def note(event: tracking.PresenceEvent, reason: str, message: str) -> None:
        refused.append(f"class {event.session_id}: {reason}: {message}")

    async with HeartbeatRelay(
        address,
        lambda: token("evaluation", SERVICE_ROLE),
        streams=STREAMS,
        capacity=_CAPACITY,
        flush_seconds=_FLUSH_SECONDS,
        on_rejection=note,
    ) as relay:
        yield relay
    if refused:
        raise EventsRefused(f"{len(refused)} events were refused, the first: {refused[0]}")


async def stream(relay: HeartbeatRelay, classes: Iterable[SimulatedClass], begins: datetime) -> int:
    """Hand the telemetry of some classes over as if they ran side by side; return how many events."""
    arrivals = [arrival for simulated in classes for arrival in _arrivals(simulated, begins)]
    arrivals.sort(key=lambda arrival: arrival.telemetry.delivered_at)
    for arrival in arrivals:
        await relay.room()
        _hand_over(relay, arrival)
    return len(arrivals)


def _arrivals(simulated: SimulatedClass, begins: datetime) -> Iterator[_Arrival]:
    start = begins + timedelta(milliseconds=simulated.plan.starts_at)
    for person in simulated.people:
        for item in person.telemetry:
            yield _Arrival(item, simulated.plan.number, person.plan, start)


def _hand_over(relay: HeartbeatRelay, arrival: _Arrival) -> None:
    item, number, person, start = arrival
    at = start + timedelta(milliseconds=item.observed_at)
    user_id, role, connection_id = person.user_id, _USER_TYPES[person.role], item.connection_id
    if item.kind is Kind.HEARTBEAT:
        relay.heartbeat(session_id=number, user_id=user_id, user_type=role, connection_id=connection_id, at=at)
    elif item.kind is Kind.CONNECT:
        relay.connect(session_id=number, user_id=user_id, user_type=role, connection_id=connection_id, at=at)
    else:
        reason: Reason = "closed" if item.kind is Kind.DISCONNECT else "timed_out"
        relay.disconnect(
            session_id=number, user_id=user_id, user_type=role, reason=reason, connection_id=connection_id, at=at
        )
