"""Telemetry through the real tracking service, as whiteboard servers relay it.

Participants' own events bear the time at which the service reads them; only a relay can tell of the past.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import NamedTuple

from astegni.tracking.v1 import tracking_pb2 as tracking
from benchmarks.evaluation.simulation.delivery import Telemetry
from benchmarks.evaluation.simulation.plan import ClassPlan, PersonPlan, Record
from benchmarks.evaluation.simulation.simulated import SimulatedClass
from benchmarks.evaluation.simulation.words import Kind, Role
from heartbeat_relay import HeartbeatRelay, OnRejection, Reason, UserType
from servicekit.auth.principal import SERVICE_ROLE
from testkit.tokens import token

#: The relays' identities.
ORDINARY = "evaluation"
RESUMING = "evaluation-resuming"
#: Of each relay.
STREAMS = 4
#: Events that are on the way: enough to keep the service busy, little enough to fit into memory.
_CAPACITY = 100_000
#: Generous: it bounds how long a service that is stuck is waited for, nothing else.
_FLUSH_SECONDS = 120.0
_USER_TYPES: Mapping[Role, UserType] = {Role.TUTOR: "tutor", Role.STUDENT: "student"}


class EventsRefused(RuntimeError):
    """The tracking service refused events; the message names the first."""


class Relays(NamedTuple):
    """Two that went through different things."""

    #: Was connected when it had something to tell, and is not believed to have seen more than that.
    ordinary: HeartbeatRelay
    #: Resumed its streams after every outage, without a hole.
    resuming: HeartbeatRelay

    def of(self, plan: ClassPlan) -> HeartbeatRelay:
        """Return which of them serves a class."""
        is_resent = plan.outage is not None and plan.outage.record is Record.NOTHING_MISSED
        return self.resuming if is_resent else self.ordinary


class _Arrival(NamedTuple):
    """An event as it comes in, beside those of other classes."""

    telemetry: Telemetry
    plan: ClassPlan
    person: PersonPlan
    start: datetime


@asynccontextmanager
async def relaying(address: str) -> AsyncIterator[Relays]:
    """Open both relays; leaving the block waits until everything is committed. EventsRefused, RelayError."""
    refused: list[str] = []

    def note(event: tracking.PresenceEvent, reason: str, message: str) -> None:
        refused.append(f"class {event.session_id}: {reason}: {message}")

    async with _relay(address, ORDINARY, note) as ordinary, _relay(address, RESUMING, note) as resuming:
        yield Relays(ordinary, resuming)
    if refused:
        raise EventsRefused(f"{len(refused)} events were refused, the first: {refused[0]}")


async def stream(relays: Relays, classes: Sequence[SimulatedClass], begins: datetime) -> int:
    """Hand the telemetry of some classes over as if they ran side by side; return how many events."""
    arrivals = [arrival for simulated in classes for arrival in _arrivals(simulated, begins)]
    arrivals.sort(key=lambda arrival: arrival.telemetry.delivered_at)
    for arrival in arrivals:
        relay = relays.of(arrival.plan)
        await relay.room()
        _hand_over(relay, arrival)
    for simulated in classes:
        _tell_gap(relays.of(simulated.plan), simulated.plan, begins)
    return len(arrivals)


def _relay(address: str, subject: str, on_rejection: OnRejection) -> HeartbeatRelay:
    return HeartbeatRelay(
        address,
        lambda: token(subject, SERVICE_ROLE),
        streams=STREAMS,
        capacity=_CAPACITY,
        flush_seconds=_FLUSH_SECONDS,
        on_rejection=on_rejection,
    )


def _arrivals(simulated: SimulatedClass, begins: datetime) -> Iterator[_Arrival]:
    start = begins + timedelta(milliseconds=simulated.plan.starts_at)
    for person in simulated.people:
        for item in person.telemetry:
            yield _Arrival(item, simulated.plan, person.plan, start)


def _tell_gap(relay: HeartbeatRelay, plan: ClassPlan, begins: datetime) -> None:
    """Let a relay that was blind say so."""
    if plan.outage is None or plan.outage.record is not Record.FRAME:
        return
    start, end = (begins + timedelta(milliseconds=plan.starts_at + moment) for moment in plan.outage.stretch)
    relay.observation_gap(start, end, session_ids=[plan.number])


def _hand_over(relay: HeartbeatRelay, arrival: _Arrival) -> None:
    item, plan, person, start = arrival
    at = start + timedelta(milliseconds=item.observed_at)
    user_id, role, connection_id = person.user_id, _USER_TYPES[person.role], item.connection_id
    if item.kind is Kind.HEARTBEAT:
        relay.heartbeat(session_id=plan.number, user_id=user_id, user_type=role, connection_id=connection_id, at=at)
    elif item.kind is Kind.CONNECT:
        relay.connect(session_id=plan.number, user_id=user_id, user_type=role, connection_id=connection_id, at=at)
    else:
        reason: Reason = "closed" if item.kind is Kind.DISCONNECT else "timed_out"
        relay.disconnect(
            session_id=plan.number, user_id=user_id, user_type=role, reason=reason, connection_id=connection_id, at=at
        )
