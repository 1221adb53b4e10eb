"""8 streams of 100-beat messages, 100,000 people: every beat changes rows of its own."""

from __future__ import annotations

from benchmarks.cases.comparison import HEADER, compare
from benchmarks.options import Options
from benchmarks.report import Report, at_least, at_most
from benchmarks.targets import DRIVER_ALONE, Shape
from benchmarks.workbench import Workbench

STREAMS = 8
SESSIONS = 50_000
BEATS_PER_MESSAGE = 100
WINDOW = 10_000


def shape(options: Options) -> Shape:
    """Return the streams of this case."""
    return Shape(
        streams=STREAMS,
        sessions=options.scaled(SESSIONS, at_least=STREAMS),
        beats_per_message=BEATS_PER_MESSAGE,
        window=options.scaled(WINDOW),
    )


def run(workbench: Workbench, options: Options) -> Report:
    """Measure."""
    chosen = shape(options)
    measured = compare(workbench, options, chosen, with_driver=True)
    return Report(
        title=f"Batches: {STREAMS} streams, {BEATS_PER_MESSAGE} beats per message, {chosen.people:,} people",
        header=HEADER,
        rows=measured.rows(),
        checks=(
            at_least("durable beats/s", measured.service.rate, 120_000),
            at_least("of the driver alone", measured.rate_ratio(DRIVER_ALONE), 0.7, digits=2),
            at_most("server CPU to that without storage", measured.processor_ratio, 2.5, digits=2),
        ),
        notes=(
            "each beat changes two rows, its interval's and its session's",
            "the tutor and the student of a session beat half a cycle apart, so that neither saves the other a row",
        ),
    )
