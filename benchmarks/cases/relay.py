"""The relay client: what an event costs it, and what it buffers while the service is down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

from benchmarks.cases.throughput import HEADER, SECONDS, row
from benchmarks.child_process import ChildProcess
from benchmarks.environment import Environment, relay_token
from benchmarks.load.messages import BufferHeartbeats, Connect, Delivered, Flush, Ready, RelayPlan
from benchmarks.measurement import Options, Rounds, interleaved
from benchmarks.report import Check, Report, at_most
from benchmarks.targets import CLIENT, POSTGRES, SERVER, LoadShape, StreamTarget, measure_request
from heartbeat_relay.relay import CAPACITY
from testkit.service_process import ServiceProcess

STREAMS = 8
SESSIONS = 5_000
#: The relay client puts as many into a frame under load.
BATCH_SIZE = 1_000
WINDOW = 10_000

RELAYED = "relay client"
PREPARED = "prepared messages"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outage:
    """What became of events that were passed to the relay client while the service was down."""

    buffered: int
    #: Growth of the relay's process, for all of them.
    grown_bytes: int
    delivered: Delivered


def run(environment: Environment, options: Options) -> Report:
    """Measure the relay client beside prepared messages, then with the service down."""
    shape = LoadShape(
        streams=STREAMS,
        sessions=options.scaled(SESSIONS, at_least=STREAMS),
        heartbeats_per_message=BATCH_SIZE,
        window=WINDOW,
    )
    with environment.database(shape.sessions) as database, environment.service(database) as service:
        rounds = _side_by_side(environment, options, service, shape)
        outage = _without_service(environment, service, shape, options.scaled(CAPACITY))
    return Report(
        title=f"Relay client: {STREAMS} streams, {shape.participants:,} participants, as fast as it accepts events",
        header=(*HEADER[:-1], "of prepared messages"),
        rows=[row(name, measured, rounds[PREPARED].rate) for name, measured in rounds.items()],
        checks=(
            at_most("CPU of the relay's process per heartbeat", rounds[RELAYED].cost(CLIENT), 5, unit=" us", digits=1),
            at_most("memory per buffered event", outage.grown_bytes / outage.buffered, 100, unit=" B"),
            Check(
                goal="everything buffered is acknowledged once the service is up, nothing rejected",
                measured=f"{outage.delivered.events:,} of {outage.buffered:,}, {outage.delivered.rejections} rejected",
                is_met=outage.delivered.events == outage.buffered and not outage.delivered.rejections,
            ),
        ),
        notes=(
            "prepared messages carry the same heartbeats over as many streams, and cost their sender almost nothing",
            f"{outage.buffered:,} events were buffered while the service was down",
        ),
    )


def _side_by_side(
    environment: Environment, options: Options, service: ServiceProcess, shape: LoadShape
) -> Mapping[str, Rounds]:
    with (
        relaying(environment, service, shape) as relayed,
        environment.stream_load(shape.plan(service.address)) as prepared,
    ):
        targets = [
            _connected(environment, service, load, name) for name, load in ((RELAYED, relayed), (PREPARED, prepared))
        ]
        return interleaved(targets, rounds=options.rounds, seconds=options.duration(SECONDS), log=environment.log)


def _connected(environment: Environment, service: ServiceProcess, load: ChildProcess, name: str) -> StreamTarget:
    environment.log(f"{name}: all participants connect")
    processes = {SERVER: psutil.Process(service.pid), POSTGRES: environment.postgres, CLIENT: load.process}
    connecting = measure_request(processes, load, Connect())
    return StreamTarget(name=name, load=load, processes=processes, connecting=connecting)


def _without_service(environment: Environment, service: ServiceProcess, shape: LoadShape, events: int) -> Outage:
    with relaying(environment, service, shape) as relayed:
        relayed.request(Connect(), Delivered)
        environment.log(f"the service is down; {events:,} events are buffered")
        service.kill()
        before = relayed.process.memory_info().rss
        relayed.request(BufferHeartbeats(events=events), Ready)
        grown = relayed.process.memory_info().rss - before
        service.start()
        return Outage(buffered=events, grown_bytes=grown, delivered=relayed.request(Flush(), Delivered))


@contextmanager
def relaying(environment: Environment, service: ServiceProcess, shape: LoadShape) -> Iterator[ChildProcess]:
    """Run a process whose relay client is connected to the service."""
    plan = RelayPlan(address=service.address, bearer=relay_token(), streams=shape.streams, sessions=shape.sessions)
    with environment.child("benchmarks.load.relay_load") as started:
        started.request(plan, Ready)
        yield started
