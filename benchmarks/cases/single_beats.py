"""8 streams of single beats, 5,000 people."""

from __future__ import annotations

from benchmarks.cases.comparison import HEADER, compare
from benchmarks.options import Options
from benchmarks.report import Report, at_least, at_most
from benchmarks.targets import Shape
from benchmarks.workbench import Workbench

STREAMS = 8
SESSIONS = 2_500
WINDOW = 10_000


def run(workbench: Workbench, options: Options) -> Report:
    """Measure."""
    shape = Shape(
        streams=STREAMS,
        sessions=options.scaled(SESSIONS, at_least=STREAMS),
        beats_per_message=1,
        window=options.scaled(WINDOW),
    )
    measured = compare(workbench, options, shape)
    return Report(
        title=f"Single beats: {STREAMS} streams, one beat per message, {shape.people:,} people",
        header=HEADER,
        rows=measured.rows(),
        checks=(
            at_least("durable beats/s", measured.service.rate, 45_000),
            at_most("server CPU to that without storage", measured.processor_ratio, 1.7, digits=2),
        ),
    )
