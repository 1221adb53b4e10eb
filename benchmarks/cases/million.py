"""One million participants, or three, two in each session, a heartbeat every 15 seconds, relayed over 16 streams.

Heartbeats are sent as the relay client sends them: as columns, of what comes within its linger time.
"""

from __future__ import annotations

from dataclasses import dataclass

import psutil

from benchmarks.cases.stored_facts import StoredFacts, compare_with_sent
from benchmarks.environment import Environment
from benchmarks.folding import await_folded
from benchmarks.load.messages import USERS_PER_SESSION, Connect, GetSent, SendHeartbeats, Sent
from benchmarks.measurement import Measurement, Options, with_log
from benchmarks.report import Check, Report, at_least, at_most
from benchmarks.resources import BYTES_PER_MIB, MemorySampler
from benchmarks.targets import CLIENT, POSTGRES, SERVER, LoadShape, measure_request
from heartbeat_relay.outbox import MAX_EVENTS_PER_FRAME, MIN_ROWS_PER_FRAME
from heartbeat_relay.relay import LINGER_SECONDS

STREAMS = 16
WINDOW = 10_000
HEARTBEAT_SECONDS = 15.0
#: Those who are connected already send a heartbeat per minute meanwhile, as hidden tabs do: within the timeout.
CONNECTING_CYCLE_SECONDS = 60.0
#: Five minutes, as at the start of lessons: 3,300 participants connect per second.
CONNECTING_CYCLES = 5
SECONDS = 300.0
#: The service runs with its defaults: the presence timeout is 75 s.
DEFAULT_SETTINGS: dict[str, str] = {}
#: The last cycle of the schedule may be incomplete.
MIN_RATE_SHARE = 0.98
#: Facts follow within this time at any load (docs/streams.md#folding).
MAX_FOLD_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Size:
    """How many take part, and what is expected with so many."""

    name: str
    sessions: int
    p99_milliseconds: float
    #: Processor time of the service and PostgreSQL per heartbeat.
    microseconds: float
    memory_mib: float


MILLION = Size(name="The million", sessions=500_000, p99_milliseconds=50, microseconds=8, memory_mib=512)
THREE_MILLION = Size(name="Three million", sessions=1_500_000, p99_milliseconds=100, microseconds=6, memory_mib=1024)


def million(environment: Environment, options: Options) -> Report:
    """Measure one million participants."""
    return _run(environment, options, MILLION)


def three_million(environment: Environment, options: Options) -> Report:
    """Measure three million participants."""
    return _run(environment, options, THREE_MILLION)


def _run(environment: Environment, options: Options, size: Size) -> Report:
    """Connect all participants, send heartbeats, and compare what is stored with what was sent."""
    heartbeat_seconds = HEARTBEAT_SECONDS * options.time_scale
    sessions = options.scaled(size.sessions, at_least=STREAMS)
    shape = LoadShape(
        streams=STREAMS,
        sessions=sessions,
        heartbeats_per_message=_rows_per_frame(sessions * USERS_PER_SESSION / heartbeat_seconds),
        window=WINDOW,
        as_columns=True,
    )
    connecting_cycle_seconds = CONNECTING_CYCLE_SECONDS * options.time_scale
    with (
        environment.database(shape.sessions) as database,
        environment.service(database, settings=DEFAULT_SETTINGS) as service,
        environment.stream_load(shape.plan(service.address)) as load,
    ):
        process = psutil.Process(service.pid)
        processes = {SERVER: process, POSTGRES: environment.postgres, CLIENT: load.process}
        with MemorySampler(process, environment.log) as memory:
            environment.log(
                f"{shape.participants:,} participants connect, {CONNECTING_CYCLES * connecting_cycle_seconds:.0f} s"
            )
            connecting = with_log(
                environment.log_bytes,
                lambda: measure_request(
                    processes, load, Connect(cycles=CONNECTING_CYCLES, cycle_seconds=connecting_cycle_seconds)
                ),
            )
            seconds = options.duration(SECONDS)
            environment.log(f"all are connected; {seconds:.0f} s of heartbeats")
            connected = with_log(
                environment.log_bytes,
                lambda: measure_request(
                    processes, load, SendHeartbeats(seconds=seconds, cycle_seconds=heartbeat_seconds)
                ),
            )
            fold_seconds = await_folded(database)
        environment.log("compare what is stored with what was sent")
        facts = compare_with_sent(database, load.request(GetSent(), Sent))
    return _report(
        size,
        shape,
        shape.participants / heartbeat_seconds,
        connecting=connecting,
        connected=connected,
        facts=facts,
        peak_bytes=memory.peak,
        fold_seconds=fold_seconds,
    )


def _rows_per_frame(heartbeats_per_second: float) -> int:
    """Return how many heartbeats a frame of the relay client holds: 208 of a million people, 625 of three million."""
    gathered = round(heartbeats_per_second / STREAMS * LINGER_SECONDS)
    return min(max(gathered, MIN_ROWS_PER_FRAME), MAX_EVENTS_PER_FRAME)


def _report(
    size: Size,
    shape: LoadShape,
    target_rate: float,
    *,
    connecting: Measurement,
    connected: Measurement,
    facts: StoredFacts,
    peak_bytes: int,
    fold_seconds: float,
) -> Report:
    rejections = connecting.delivered.rejections + connected.delivered.rejections
    return Report(
        title=f"{size.name}: {shape.participants:,} participants, {target_rate:,.0f} heartbeats/s, {STREAMS} streams",
        header=(
            "",
            "events",
            "events/s",
            "server us",
            "PostgreSQL us",
            "client us",
            "p50 ms",
            "p99 ms",
            "max ms",
            "log B",
        ),
        rows=[_row("connecting", connecting), _row("connected", connected)],
        checks=(
            at_least("heartbeats/s", connected.rate, MIN_RATE_SHARE * target_rate),
            Check(goal="no event rejected", measured=f"{rejections}", is_met=rejections == 0),
            *(
                Check(
                    goal=f"{what} right",
                    measured=f"{count:,} of {shape.participants:,}",
                    is_met=count == shape.participants,
                )
                for what, count in facts.right.items()
            ),
            Check(
                goal="stored positions of the streams add up to what was sent",
                measured=f"{facts.committed:,} of {facts.sent:,}",
                is_met=facts.committed == facts.sent,
            ),
            at_most("ack p99", connected.delivered.latency_p99, size.p99_milliseconds, unit=" ms"),
            at_most(
                "service and PostgreSQL per heartbeat",
                connected.cost(SERVER) + connected.cost(POSTGRES),
                size.microseconds,
                unit=" us",
                digits=1,
            ),
            at_most("log written per heartbeat", connected.log_bytes_per_event, 60, unit=" B"),
            at_most("everything folded after", fold_seconds, MAX_FOLD_SECONDS, unit=" s", digits=1),
            at_most("resident memory of the service", peak_bytes / BYTES_PER_MIB, size.memory_mib, unit=" MiB"),
        ),
        notes=(
            f"stored afterwards: {facts.bytes_per_session:,.0f} bytes per session (with indexes)",
            "latencies are counted from the time at which a message was due",
        ),
    )


def _row(name: str, measured: Measurement) -> tuple[str, ...]:
    delivered = measured.delivered
    return (
        name,
        f"{delivered.events:,}",
        f"{measured.rate:,.0f}",
        *(f"{measured.cost(process):.2f}" for process in (SERVER, POSTGRES, CLIENT)),
        *(f"{value:.0f}" for value in (delivered.latency_p50, delivered.latency_p99, delivered.latency_max)),
        f"{measured.log_bytes_per_event:.0f}",
    )
