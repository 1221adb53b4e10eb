"""500 streams of one participant each, every one on its own connection."""

from __future__ import annotations

from benchmarks.cases.comparison import HEADER, compare
from benchmarks.options import Options
from benchmarks.report import Report, at_least, at_most
from benchmarks.targets import Shape
from benchmarks.workbench import Workbench

STREAMS = 500
#: More than a stream's share between two acks; all of them together stay below the service's queue.
WINDOW = 150


def run(workbench: Workbench, options: Options) -> Report:
    """Measure."""
    streams = options.scaled(STREAMS)
    shape = Shape(
        streams=streams, sessions=streams, beats_per_message=1, window=options.scaled(WINDOW), has_tutors=False
    )
    measured = compare(workbench, options, shape)
    acknowledgements = measured.service.middle(lambda delivered: delivered.acknowledgements_per_second)
    return Report(
        title=f"Many streams: {streams:,} streams of one participant",
        header=HEADER,
        rows=measured.rows(),
        checks=(
            at_least("durable beats/s", measured.service.rate, 35_000),
            at_most("acks/s of the busiest stream", acknowledgements, 20, digits=1),
        ),
        notes=(
            "every stream has a connection of its own, and one participant who beats as fast as it is acknowledged",
        ),
    )
