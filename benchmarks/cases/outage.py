"""What the service holds while PostgreSQL is away and nobody stops sending."""

from __future__ import annotations

import time

import psutil

from benchmarks.load.messages import Beat, Delivered, Join
from benchmarks.options import Options
from benchmarks.report import Check, Report, at_most
from benchmarks.resident import BYTES_PER_MIB, Resident
from benchmarks.targets import Shape
from benchmarks.workbench import Workbench

#: Together they may have more on the way than the service queues.
STREAMS = 16
SESSIONS = 8_000
BEATS_PER_MESSAGE = 100
WINDOW = 10_000
#: How long PostgreSQL is away.
SECONDS = 30.0
#: The allocator's own doings.
GROWTH_MIB = 4


def run(workbench: Workbench, options: Options) -> Report:
    """Measure."""
    shape = Shape(
        streams=STREAMS,
        sessions=options.scaled(SESSIONS, at_least=STREAMS),
        beats_per_message=BEATS_PER_MESSAGE,
        window=WINDOW,
    )
    away = options.duration(SECONDS)
    with (
        workbench.database(shape.sessions) as database,
        workbench.service(database) as service,
        workbench.load(shape.plan(service.address)) as load,
    ):
        load.ask(Join(), Delivered)
        with Resident(psutil.Process(service.pid), workbench.say) as resident:
            workbench.server.stop()
            load.tell(Beat(seconds=away))
            time.sleep(away)
        workbench.server.start()
        workbench.say("PostgreSQL is back")
        delivered = load.hear(Delivered)
    first_half = resident.samples[: len(resident.samples) // 2]
    growth = (resident.samples[-1] - max(first_half)) / BYTES_PER_MIB
    return Report(
        title=f"Outage: PostgreSQL away for {away:.0f} s while {STREAMS} streams send all they may",
        header=("", "MiB"),
        rows=[
            ("the service before", f"{resident.samples[0] / BYTES_PER_MIB:.1f}"),
            ("at the most in the first half", f"{max(first_half) / BYTES_PER_MIB:.1f}"),
            ("at the end", f"{resident.samples[-1] / BYTES_PER_MIB:.1f}"),
        ],
        checks=(
            at_most("growth in the second half", growth, GROWTH_MIB, unit=" MiB", digits=1),
            Check(
                goal="all beats acknowledged afterwards, none rejected",
                measured=f"{delivered.events:,}, {delivered.rejections} rejected",
                is_met=delivered.rejections == 0,
            ),
        ),
    )
