"""One million people in 500,000 sessions, a heartbeat each 15 seconds, relayed over 16 streams."""

from __future__ import annotations

import psutil

from benchmarks.cases.million_facts import Facts, facts
from benchmarks.load.messages import Beat, Delivered, Join, Sent, Tell
from benchmarks.measurement import Measurement
from benchmarks.options import Options
from benchmarks.processor import spent
from benchmarks.report import Check, Report, at_least, at_most
from benchmarks.resident import BYTES_PER_MIB, Resident
from benchmarks.targets import CLIENT, POSTGRES, SERVER, Shape
from benchmarks.workbench import Workbench

STREAMS = 16
SESSIONS = 500_000
BEATS_PER_MESSAGE = 100
WINDOW = 10_000
HEARTBEAT_SECONDS = 15.0
#: Who has come beats once a minute meanwhile, as hidden tabs do: less than the timeout apart.
JOINING_SECONDS = 60.0
#: Five minutes, in which the people of a lesson come: 3,300 connect in each second.
JOINING_CYCLES = 5
SECONDS = 300.0
#: The service's own defaults: who is silent for 75 s is gone.
IN_EARNEST: dict[str, str] = {}
#: What the schedule's last cycle may lack.
KEPT_UP = 0.98


def run(
    workbench: Workbench,
    options: Options,
    *,
    heartbeat_seconds: float = HEARTBEAT_SECONDS,
    joining_seconds: float = JOINING_SECONDS,
    joining_cycles: int = JOINING_CYCLES,
) -> Report:
    """Measure."""
    shape = Shape(
        streams=STREAMS,
        sessions=options.scaled(SESSIONS, at_least=STREAMS),
        beats_per_message=BEATS_PER_MESSAGE,
        window=WINDOW,
    )
    with (
        workbench.database(shape.sessions) as database,
        workbench.service(database, settings=IN_EARNEST) as service,
        workbench.load(shape.plan(service.address)) as load,
    ):
        process = psutil.Process(service.pid)
        processes = {SERVER: process, POSTGRES: workbench.postgres, CLIENT: load.process}

        def phase(order: Join | Beat) -> Measurement:
            delivered, processor = spent(processes, lambda: load.ask(order, Delivered))
            return Measurement(delivered=delivered, processor=processor)

        with Resident(process, workbench.say) as resident:
            workbench.say(f"{shape.people:,} people connect, {joining_cycles * joining_seconds:.0f} s")
            joining = phase(Join(cycles=joining_cycles, cycle_seconds=joining_seconds))
            seconds = options.duration(SECONDS)
            workbench.say(f"everybody is there; {seconds:.0f} s of heartbeats")
            beating = phase(Beat(seconds=seconds, cycle_seconds=heartbeat_seconds))
        workbench.say("compare what is stored with what was sent")
        found = facts(database, load.ask(Tell(), Sent))
    return _report(
        shape,
        shape.people / heartbeat_seconds,
        joining=joining,
        beating=beating,
        found=found,
        peak=resident.peak,
    )


def _report(
    shape: Shape, wanted_rate: float, *, joining: Measurement, beating: Measurement, found: Facts, peak: int
) -> Report:
    rejections = joining.delivered.rejections + beating.delivered.rejections
    return Report(
        title=f"The million: {shape.people:,} people, {wanted_rate:,.0f} heartbeats/s, {STREAMS} streams",
        header=("", "events", "events/s", "server us", "PostgreSQL us", "client us", "p50 ms", "p99 ms", "worst ms"),
        rows=[_row("connecting", joining), _row("connected", beating)],
        checks=(
            at_least("heartbeats/s", beating.rate, KEPT_UP * wanted_rate),
            Check(goal="no event rejected", measured=f"{rejections}", is_met=rejections == 0),
            *(
                Check(goal=f"{what} right", measured=f"{count:,} of {shape.people:,}", is_met=count == shape.people)
                for what, count in found.right.items()
            ),
            Check(
                goal="stored positions of the streams add up to what was sent",
                measured=f"{found.committed:,} of {found.sent:,}",
                is_met=found.committed == found.sent,
            ),
            at_most("ack p99", beating.delivered.latency_p99, 250, unit=" ms"),
            at_most("resident memory of the service", peak / BYTES_PER_MIB, 1.5 * 1024, unit=" MiB"),
        ),
        notes=(
            f"stored afterwards: {found.bytes_per_session:,.0f} bytes per session (with indexes)",
            "latencies are counted from the moment at which a message was due",
        ),
    )


def _row(name: str, measured: Measurement) -> tuple[str, ...]:
    delivered = measured.delivered
    return (
        name,
        f"{delivered.events:,}",
        f"{measured.rate:,.0f}",
        *(f"{measured.cost(process):.2f}" for process in (SERVER, POSTGRES, CLIENT)),
        *(f"{value:.0f}" for value in (delivered.latency_p50, delivered.latency_p99, delivered.latency_worst)),
    )
