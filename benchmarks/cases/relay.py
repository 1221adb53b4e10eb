"""The relay client: what an event costs it, and what it keeps while the service is away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

from benchmarks.cases.comparison import HEADER, SECONDS, row
from benchmarks.conversation import Conversation
from benchmarks.load.messages import Delivered, Flush, Join, Keep, Ready, RelayPlan
from benchmarks.measurement import Measurement, Rounds, interleaved
from benchmarks.options import Options
from benchmarks.processor import spent
from benchmarks.report import Check, Report, at_most
from benchmarks.targets import CLIENT, POSTGRES, SERVER, Shape, Streams
from benchmarks.workbench import Workbench, relay_token
from heartbeat_relay.relay import CAPACITY
from testkit.service_process import ServiceProcess

STREAMS = 8
SESSIONS = 5_000
#: As many as the relay puts into a frame under load.
BEATS_PER_MESSAGE = 1_000
WINDOW = 10_000

RELAYED = "by the relay client"
PREPARED = "prepared messages"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outage:
    """What became of events that came while the service was away."""

    kept: int
    #: Of the relay's process, for all of them.
    grown_bytes: int
    delivered: Delivered


def run(workbench: Workbench, options: Options) -> Report:
    """Measure."""
    shape = Shape(
        streams=STREAMS,
        sessions=options.scaled(SESSIONS, at_least=STREAMS),
        beats_per_message=BEATS_PER_MESSAGE,
        window=WINDOW,
    )
    with workbench.database(shape.sessions) as database, workbench.service(database) as service:
        rounds = _side_by_side(workbench, options, service, shape)
        outage = _without_service(workbench, service, shape, options.scaled(CAPACITY))
    return Report(
        title=f"Relay client: {STREAMS} streams, {shape.people:,} people, as fast as it takes events",
        header=(*HEADER[:-1], "of prepared messages"),
        rows=[row(name, measured, rounds[PREPARED].rate) for name, measured in rounds.items()],
        checks=(
            at_most("CPU of the relay's process per beat", rounds[RELAYED].cost(CLIENT), 5, unit=" us", digits=1),
            at_most("memory per event kept", outage.grown_bytes / outage.kept, 100, unit=" B"),
            Check(
                goal="everything kept is acknowledged when the service is back, nothing rejected",
                measured=f"{outage.delivered.events:,} of {outage.kept:,}, {outage.delivered.rejections} rejected",
                is_met=outage.delivered.events == outage.kept and not outage.delivered.rejections,
            ),
        ),
        notes=(
            "prepared messages carry the same beats over as many streams, and cost their sender next to nothing",
            f"{outage.kept:,} events were kept while the service was away",
        ),
    )


def _side_by_side(
    workbench: Workbench, options: Options, service: ServiceProcess, shape: Shape
) -> Mapping[str, Rounds]:
    with _relaying(workbench, service, shape) as relayed, workbench.load(shape.plan(service.address)) as prepared:
        targets = [_joined(workbench, service, load, name) for name, load in ((RELAYED, relayed), (PREPARED, prepared))]
        return interleaved(targets, rounds=options.rounds, seconds=options.duration(SECONDS), say=workbench.say)


def _joined(workbench: Workbench, service: ServiceProcess, load: Conversation, name: str) -> Streams:
    workbench.say(f"{name}: everybody connects")
    processes = {SERVER: psutil.Process(service.pid), POSTGRES: workbench.postgres, CLIENT: load.process}
    delivered, processor = spent(processes, lambda: load.ask(Join(), Delivered))
    joining = Measurement(delivered=delivered, processor=processor)
    return Streams(name=name, load=load, processes=processes, joining=joining)


def _without_service(workbench: Workbench, service: ServiceProcess, shape: Shape, events: int) -> Outage:
    with _relaying(workbench, service, shape) as relayed:
        relayed.ask(Join(), Delivered)
        workbench.say(f"the service is away; {events:,} events are kept")
        service.kill()
        before = relayed.process.memory_info().rss
        relayed.ask(Keep(events=events), Ready)
        grown = relayed.process.memory_info().rss - before
        service.start()
        return Outage(kept=events, grown_bytes=grown, delivered=relayed.ask(Flush(), Delivered))


@contextmanager
def _relaying(workbench: Workbench, service: ServiceProcess, shape: Shape) -> Iterator[Conversation]:
    """Run a process with the relay client that has reached the service."""
    plan = RelayPlan(address=service.address, bearer=relay_token(), streams=shape.streams, sessions=shape.sessions)
    with workbench.conversation("benchmarks.processes.relay_load") as started:
        started.ask(plan, Ready)
        yield started
