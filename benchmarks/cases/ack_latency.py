"""How long an ack takes at half of what the service can carry."""

from __future__ import annotations

from dataclasses import replace

from benchmarks import targets
from benchmarks.cases import batches
from benchmarks.cases.comparison import SECONDS
from benchmarks.measurement import Rounds, interleaved
from benchmarks.options import Options
from benchmarks.report import Report, at_most
from benchmarks.workbench import Workbench
from tracking_service.ingest.committer import FLUSH_INTERVAL_SECONDS

FLUSH_MILLISECONDS = FLUSH_INTERVAL_SECONDS * 1_000
FULL = "all it can"
HALF = "half of that"


def run(workbench: Workbench, options: Options) -> Report:
    """Measure."""
    shape = batches.shape(options)
    seconds = options.duration(SECONDS)
    with workbench.database(shape.sessions) as database, targets.streams(workbench, database, shape) as service:
        full = interleaved([replace(service, name=FULL)], rounds=1, seconds=seconds, say=workbench.say)[FULL]
        paced = replace(service, name=HALF, cycle_seconds=2 * shape.people / full.rate)
        half = interleaved([paced], rounds=options.rounds, seconds=seconds, say=workbench.say)[HALF]
    p99 = half.middle(lambda delivered: delivered.latency_p99)
    return Report(
        title=f"Ack latency: {shape.streams} streams, {shape.beats_per_message}-beat messages, {shape.people:,} people",
        header=("load", "beats/s", "p50 ms", "p99 ms", "worst ms", "p99 / flush interval"),
        rows=[_row(FULL, full), _row(HALF, half)],
        checks=(at_most("p99 at half load, in flush intervals", p99 / FLUSH_MILLISECONDS, 3, digits=1),),
        notes=(f"from the moment a message was due; the flush interval is {FLUSH_MILLISECONDS:.0f} ms",),
    )


def _row(name: str, measured: Rounds) -> tuple[str, ...]:
    p50 = measured.middle(lambda delivered: delivered.latency_p50)
    p99 = measured.middle(lambda delivered: delivered.latency_p99)
    worst = measured.middle(lambda delivered: delivered.latency_worst)
    return (
        name,
        f"{measured.rate:,.0f}",
        f"{p50:.1f}",
        f"{p99:.1f}",
        f"{worst:.1f}",
        f"{p99 / FLUSH_MILLISECONDS:.1f}",
    )
