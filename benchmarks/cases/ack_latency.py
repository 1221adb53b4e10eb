"""How long an ack takes at half of the load that the service can carry."""

from __future__ import annotations

from dataclasses import replace

from benchmarks import targets
from benchmarks.cases.throughput import SECONDS, batch_shape
from benchmarks.environment import Environment
from benchmarks.measurement import Options, Rounds, interleaved
from benchmarks.report import Report, at_most
from tracking_service.ingest.group_commit import DIVIDED_FLUSH_INTERVAL_SECONDS

FLUSH_MILLISECONDS = DIVIDED_FLUSH_INTERVAL_SECONDS * 1_000
MAX_P99_MILLISECONDS = 30
FULL = "full load"
HALF = "half of it"


def run(environment: Environment, options: Options) -> Report:
    """Measure the full load first, then half of it."""
    shape = batch_shape(options)
    seconds = options.duration(SECONDS)
    with environment.database(shape.sessions) as database, targets.streams(environment, database, shape) as service:
        full = interleaved([replace(service, name=FULL)], rounds=1, seconds=seconds, log=environment.log)[FULL]
        paced = replace(service, name=HALF, cycle_seconds=2 * shape.participants / full.rate)
        half = interleaved([paced], rounds=options.rounds, seconds=seconds, log=environment.log)[HALF]
    p99 = half.median_of(lambda delivered: delivered.latency_p99)
    return Report(
        title=(
            f"Ack latency: {shape.streams} streams, {shape.heartbeats_per_message} heartbeats per message, "
            f"{shape.participants:,} participants"
        ),
        header=("load", "heartbeats/s", "p50 ms", "p99 ms", "max ms"),
        rows=[_row(FULL, full), _row(HALF, half)],
        checks=(at_most("p99 at half load", p99, MAX_P99_MILLISECONDS, unit=" ms"),),
        notes=(f"from the time at which a message was due; a flush begins every {FLUSH_MILLISECONDS:.0f} ms",),
    )


def _row(name: str, measured: Rounds) -> tuple[str, ...]:
    p50 = measured.median_of(lambda delivered: delivered.latency_p50)
    p99 = measured.median_of(lambda delivered: delivered.latency_p99)
    maximum = measured.median_of(lambda delivered: delivered.latency_max)
    return (
        name,
        f"{measured.rate:,.0f}",
        f"{p50:.1f}",
        f"{p99:.1f}",
        f"{maximum:.1f}",
    )
