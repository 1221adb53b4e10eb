"""What an open stream costs the service in memory."""

from __future__ import annotations

import psutil

from benchmarks.load.messages import Delivered, Join
from benchmarks.options import Options
from benchmarks.report import Report, at_most
from benchmarks.resident import BYTES_PER_KIB, BYTES_PER_MIB
from benchmarks.targets import Shape
from benchmarks.workbench import Workbench

STREAMS = 2_000
#: Opened and closed before: what the first streams allocate once and for all is not theirs.
WARM_UP_STREAMS = 100


def run(workbench: Workbench, options: Options) -> Report:
    """Measure."""
    streams = options.scaled(STREAMS, at_least=2)
    with workbench.database(streams) as database, workbench.service(database) as service:
        process = psutil.Process(service.pid)
        warm_up = _shape(min(streams, WARM_UP_STREAMS))
        with workbench.load(warm_up.plan(service.address)) as load:
            load.ask(Join(), Delivered)
        before = process.memory_info().rss
        with workbench.load(_shape(streams).plan(service.address)) as load:
            load.ask(Join(), Delivered)
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


def _shape(streams: int) -> Shape:
    return Shape(streams=streams, sessions=streams, beats_per_message=1, window=1, has_tutors=False)
