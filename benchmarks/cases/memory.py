"""Memory of the service: of an open stream, and of its queue while PostgreSQL is down."""

from __future__ import annotations

import time

import psutil

from benchmarks.environment import Environment
from benchmarks.load.messages import Connect, Delivered, SendHeartbeats
from benchmarks.measurement import Options
from benchmarks.report import Check, Report, at_most
from benchmarks.resources import BYTES_PER_KIB, BYTES_PER_MIB, MemorySampler
from benchmarks.targets import LoadShape

IDLE_STREAMS = 2_000
#: Opened and closed first: what the first streams allocate once for all streams is not counted.
WARM_UP_STREAMS = 100

#: Together they may have more events in flight than the service queues.
OUTAGE_STREAMS = 16
OUTAGE_SESSIONS = 8_000
BATCH_SIZE = 100
WINDOW = 10_000
#: How long PostgreSQL is down.
OUTAGE_SECONDS = 30.0
#: Growth that the memory allocator causes by itself.
MAX_GROWTH_MIB = 4


def idle_streams(environment: Environment, options: Options) -> Report:
    """Measure what an open stream costs."""
    streams = options.scaled(IDLE_STREAMS, at_least=2)
    with environment.database(streams) as database, environment.service(database) as service:
        process = psutil.Process(service.pid)
        warm_up = _idle_shape(min(streams, WARM_UP_STREAMS))
        with environment.stream_load(warm_up.plan(service.address)) as load:
            load.request(Connect(), Delivered)
        before = process.memory_info().rss
        with environment.stream_load(_idle_shape(streams).plan(service.address)) as load:
            load.request(Connect(), Delivered)
            after = process.memory_info().rss
    per_stream = (after - before) / streams / BYTES_PER_KIB
    return Report(
        title=f"Memory: {streams:,} streams, each on its own connection, idle after a connect",
        header=("", "MiB"),
        rows=[
            ("the service without streams", f"{before / BYTES_PER_MIB:.1f}"),
            (f"with {streams:,} streams", f"{after / BYTES_PER_MIB:.1f}"),
        ],
        checks=(at_most("per open stream", per_stream, 40, unit=" KiB", digits=1),),
    )


def outage(environment: Environment, options: Options) -> Report:
    """Measure what the service holds while PostgreSQL is down and all streams go on sending."""
    shape = LoadShape(
        streams=OUTAGE_STREAMS,
        sessions=options.scaled(OUTAGE_SESSIONS, at_least=OUTAGE_STREAMS),
        heartbeats_per_message=BATCH_SIZE,
        window=WINDOW,
    )
    seconds = options.duration(OUTAGE_SECONDS)
    with (
        environment.database(shape.sessions) as database,
        environment.service(database) as service,
        environment.stream_load(shape.plan(service.address)) as load,
    ):
        load.request(Connect(), Delivered)
        with MemorySampler(psutil.Process(service.pid), environment.log) as memory:
            environment.server.stop()
            load.send(SendHeartbeats(seconds=seconds))
            time.sleep(seconds)
        environment.server.start()
        environment.log("PostgreSQL is up again")
        delivered = load.receive(Delivered)
    first_half = memory.samples[: len(memory.samples) // 2]
    growth = (memory.samples[-1] - max(first_half)) / BYTES_PER_MIB
    return Report(
        title=f"Outage: PostgreSQL down for {seconds:.0f} s while {OUTAGE_STREAMS} streams send all they may",
        header=("", "MiB"),
        rows=[
            ("the service before", f"{memory.samples[0] / BYTES_PER_MIB:.1f}"),
            ("maximum of the first half", f"{max(first_half) / BYTES_PER_MIB:.1f}"),
            ("at the end", f"{memory.samples[-1] / BYTES_PER_MIB:.1f}"),
        ],
        checks=(
            at_most("growth in the second half", growth, MAX_GROWTH_MIB, unit=" MiB", digits=1),
            Check(
                goal="all heartbeats acknowledged afterwards, none rejected",
                measured=f"{delivered.events:,}, {delivered.rejections} rejected",
                is_met=delivered.rejections == 0,
            ),
        ),
    )


def _idle_shape(streams: int) -> LoadShape:
    return LoadShape(streams=streams, sessions=streams, heartbeats_per_message=1, window=1, has_tutors=False)
