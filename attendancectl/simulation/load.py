"""Sends what people do through a relay, and shows how it goes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import grpc

from astegni.tracking.v1.tracking_pb2 import PresenceEvent
from attendancectl.simulation.people import Action, Person, Rhythm, Step, steps
from heartbeat_relay import HeartbeatRelay, Statistics

#: How often what was sent is shown.
SHOWN_EVERY_SECONDS: Final = 0.5
_NO_STATISTICS: Final = Statistics(sent=0, acknowledged=0, rejected=0, unacknowledged=0, reconnects=0)


@dataclass(kw_only=True)
class Progress:
    """How the load goes."""

    people: int
    seconds: float = 0.0
    statistics: Statistics = _NO_STATISTICS
    #: For how long the oldest event waits for its acknowledgement, in seconds.
    stalled_for: float = 0.0
    actions: Counter[str] = field(default_factory=Counter)
    #: The reasons for which events were rejected.
    rejections: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """Where to send it, and how much."""

    target: str
    token: str
    credentials: grpc.ChannelCredentials | None
    people: list[Person]
    seconds: float
    #: Seconds between two heartbeats of a person; None: as the service asks.
    interval: float | None
    closes_lid: float
    leaves: float


async def run_load(load: Load, show: Callable[[Progress], None]) -> Progress:
    """Send for a time; then everybody leaves, and all of it is acknowledged; RelayError."""
    progress = Progress(people=len(load.people))

    def count_rejection(_event: PresenceEvent, reason: str, _message: str) -> None:
        progress.rejections[reason] += 1

    async with HeartbeatRelay(
        load.target, load.token, on_rejection=count_rejection, credentials=load.credentials
    ) as relay:
        await relay.opened()
        interval = load.interval or relay.heartbeat_interval.total_seconds()
        rhythm = Rhythm(
            interval=interval,
            presence_timeout=relay.presence_timeout.total_seconds(),
            ramp=min(interval, load.seconds),
            closes_lid=load.closes_lid,
            leaves=load.leaves,
        )
        shown = asyncio.create_task(_show(relay, progress, show))
        try:
            await _send(relay, load, rhythm, progress)
            await relay.flushed()
        finally:
            shown.cancel()
            _note(relay, progress)
    return progress


async def _send(relay: HeartbeatRelay, load: Load, rhythm: Rhythm, progress: Progress) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    present: set[Person] = set()
    for step in steps(load.people, rhythm):
        if step.at > load.seconds:
            break
        await asyncio.sleep(began + step.at - loop.time())
        await relay.room()
        _do(relay, step)
        progress.actions[step.action] += 1
        progress.seconds = step.at
        (present.discard if step.action == Action.DISCONNECT else present.add)(step.person)
    for person in present:
        relay.disconnect(session_id=person.session_id, user_id=person.user_id, user_type=person.user_type)


def _do(relay: HeartbeatRelay, step: Step) -> None:
    person = step.person
    if step.action == Action.CONNECT:
        relay.connect(session_id=person.session_id, user_id=person.user_id, user_type=person.user_type)
    elif step.action == Action.DISCONNECT:
        relay.disconnect(session_id=person.session_id, user_id=person.user_id, user_type=person.user_type)
    else:
        relay.heartbeat(
            session_id=person.session_id,
            user_id=person.user_id,
            user_type=person.user_type,
            activity_type=step.action.value,
        )


async def _show(relay: HeartbeatRelay, progress: Progress, show: Callable[[Progress], None]) -> None:
    while True:
        _note(relay, progress)
        show(progress)
        await asyncio.sleep(SHOWN_EVERY_SECONDS)


def _note(relay: HeartbeatRelay, progress: Progress) -> None:
    progress.statistics = relay.statistics
    progress.stalled_for = relay.stalled_for.total_seconds()
