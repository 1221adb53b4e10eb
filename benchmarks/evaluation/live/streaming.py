"""Streams telemetry through the real tracking service, as whiteboard servers relay it.

Only a relay may send the time of an event; for participants the service takes the time at which it reads the event.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from typing import NamedTuple

from astegni.tracking.v1 import tracking_pb2 as tracking
from benchmarks.evaluation.simulation.drawing import CLOCK_OFFSETS
from benchmarks.evaluation.simulation.plan import ClassPlan, EventKind, OutageRecord, PersonPlan, Role
from benchmarks.evaluation.simulation.simulate import SimulatedClass
from benchmarks.evaluation.simulation.telemetry import Telemetry
from heartbeat_relay import HeartbeatRelay, OnRejection, Reason, UserType
from servicekit.auth.principal import SERVICE_ROLE
from testkit.tokens import token

#: The relays' identities.
ORDINARY = "evaluation"
RESUMING = "evaluation-resuming"
#: Relays whose clocks are ahead, by how much.
WITH_WRONG_CLOCK: Mapping[str, int] = {f"evaluation-{offset}": offset for offset in CLOCK_OFFSETS}
STREAMS_PER_RELAY = 4
#: Events in a relay's buffer: enough to keep the service busy, few enough to fit into memory.
_CAPACITY = 100_000
#: Reached only if the service hangs.
_FLUSH_SECONDS = 120.0
_REPORTED_BY_RELAY = {OutageRecord.GAP_FRAME, OutageRecord.SOCKET_FROZEN}
_USER_TYPES: Mapping[Role, UserType] = {Role.TUTOR: "tutor", Role.STUDENT: "student"}


class EventsRefused(RuntimeError):
    """The tracking service refused events; the message names the first."""


class Relays(NamedTuple):
    """Relays with different histories."""

    #: Was connected only while it sent events, so it covers no outage.
    ordinary: HeartbeatRelay
    #: Resumed its streams after every outage, without a missing number.
    resuming: HeartbeatRelay
    #: By how much their clocks are ahead.
    with_wrong_clock: Mapping[int, HeartbeatRelay]

    def of(self, plan: ClassPlan) -> HeartbeatRelay:
        """Return the relay of a class."""
        if plan.clock_offset:
            return self.with_wrong_clock[plan.clock_offset]
        is_resent = plan.outage is not None and plan.outage.record is OutageRecord.NOTHING_MISSED
        return self.resuming if is_resent else self.ordinary


class _Arrival(NamedTuple):
    """An event and what is needed to send it."""

    telemetry: Telemetry
    plan: ClassPlan
    person: PersonPlan
    start: datetime


@asynccontextmanager
async def open_relays(address: str) -> AsyncIterator[Relays]:
    """Open both relays; leaving the block waits until everything is committed.

    Raises:
        EventsRefused: the service refused events.
        RelayError: a relay could not deliver its events.
    """
    refused: list[str] = []

    def record_rejection(event: tracking.PresenceEvent, reason: str, message: str) -> None:
        refused.append(f"class {event.session_id}: {reason}: {message}")

    async with AsyncExitStack() as stack:
        relays = {
            subject: await stack.enter_async_context(_relay(address, subject, record_rejection))
            for subject in (ORDINARY, RESUMING, *WITH_WRONG_CLOCK)
        }
        wrong = {offset: relays[subject] for subject, offset in WITH_WRONG_CLOCK.items()}
        yield Relays(relays[ORDINARY], relays[RESUMING], wrong)
    if refused:
        raise EventsRefused(f"{len(refused)} events were refused, the first: {refused[0]}")


async def stream(relays: Relays, classes: Sequence[SimulatedClass], begins: datetime) -> int:
    """Send the telemetry of some classes as if they took place at the same time; return the number of events."""
    arrivals = [arrival for simulated in classes for arrival in _arrivals(simulated, begins)]
    arrivals.sort(key=lambda arrival: arrival.telemetry.delivered_at)
    for arrival in arrivals:
        relay = relays.of(arrival.plan)
        await relay.room()
        _send(relay, arrival)
    for simulated in classes:
        _send_gap(relays.of(simulated.plan), simulated.plan, begins)
    return len(arrivals)


def _relay(address: str, subject: str, on_rejection: OnRejection) -> HeartbeatRelay:
    return HeartbeatRelay(
        address,
        lambda: token(subject, SERVICE_ROLE),
        streams=1 if subject in WITH_WRONG_CLOCK else STREAMS_PER_RELAY,
        capacity=_CAPACITY,
        flush_seconds=_FLUSH_SECONDS,
        on_rejection=on_rejection,
    )


def _arrivals(simulated: SimulatedClass, begins: datetime) -> Iterator[_Arrival]:
    start = begins + timedelta(milliseconds=simulated.plan.starts_at)
    for person in simulated.people:
        for item in person.telemetry:
            yield _Arrival(item, simulated.plan, person.plan, start)


def _send_gap(relay: HeartbeatRelay, plan: ClassPlan, begins: datetime) -> None:
    """Report the time in which a class's relay saw nothing."""
    if plan.outage is None or plan.outage.record not in _REPORTED_BY_RELAY:
        return
    start, end = (begins + timedelta(milliseconds=plan.starts_at + time) for time in plan.outage.range)
    relay.observation_gap(start, end, session_ids=[plan.number])


def _send(relay: HeartbeatRelay, arrival: _Arrival) -> None:
    item, plan, person, start = arrival
    at = start + timedelta(milliseconds=item.observed_at + plan.clock_offset)
    user_id, role, connection_id = person.user_id, _USER_TYPES[person.role], item.connection_id
    if item.kind is EventKind.HEARTBEAT:
        relay.heartbeat(session_id=plan.number, user_id=user_id, user_type=role, connection_id=connection_id, at=at)
    elif item.kind is EventKind.CONNECT:
        relay.connect(session_id=plan.number, user_id=user_id, user_type=role, connection_id=connection_id, at=at)
    else:
        reason: Reason = "closed" if item.kind is EventKind.DISCONNECT else "timed_out"
        relay.disconnect(
            session_id=plan.number, user_id=user_id, user_type=role, reason=reason, connection_id=connection_id, at=at
        )
