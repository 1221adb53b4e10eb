"""As many people as the service carries: their number at which acknowledgements take too long, and what ends first."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import psutil

from benchmarks.child_process import ChildProcess
from benchmarks.environment import Environment, relay_token
from benchmarks.load.messages import INSERT_SESSIONS, USERS_PER_SESSION, Connect, Delivered, SendHeartbeats, StreamPlan
from benchmarks.measurement import Options
from benchmarks.report import Check, Report, at_least
from benchmarks.resources import BYTES_PER_MIB, measure_processor
from benchmarks.targets import CLIENT, POSTGRES, SERVER
from testkit.postgres import execute
from testkit.service_process import ServiceProcess

FIRST_PEOPLE = 250_000
GOAL_PEOPLE = 3_000_000
MAX_P99_MILLISECONDS = 250.0
HEARTBEAT_SECONDS = 15.0
#: Three heartbeats of everybody.
SECONDS = 45.0
#: No step starts after so many times the length of a measurement: 20 minutes. Connecting takes most of them.
SEARCH_MEASUREMENTS = 27
#: Streams of the people who are added in one step.
STREAMS = 16
BATCH_SIZE = 100
WINDOW = 10_000
#: The number is known well enough when the last that was too many exceeds it by this share.
RESOLUTION = 1 / 8
#: A core, or the machine, is as good as used up.
_FULL = 0.9
_PERCENT = 100


@dataclass(slots=True)
class Search:
    """Doubles a number until it is too large, then halves the interval in which the limit lies."""

    first: int
    carried: int = 0
    too_many: int | None = None

    @property
    def next(self) -> int | None:
        """The number to try next; None: the limit is known well enough."""
        if self.too_many is None:
            return 2 * self.carried or self.first
        if self.too_many - self.carried <= max(self.too_many * RESOLUTION, USERS_PER_SESSION):
            return None
        return (self.carried + self.too_many) // 2

    def record(self, people: int, *, is_carried: bool) -> None:
        """Record what was tried."""
        if is_carried:
            self.carried = people
        else:
            self.too_many = people


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """What so many people cost."""

    people: int
    #: Of each load process.
    delivered: Sequence[Delivered]
    #: How many cores each process used on average.
    cores: Mapping[str, float]
    #: Share of the machine's processor time that was used, also by other programs.
    busy: float
    resident_bytes: int

    @property
    def p99(self) -> float:
        """The 99th percentile of the latency in milliseconds, of the load process that waited longest."""
        return max(each.latency_p99 for each in self.delivered)

    @property
    def is_carried(self) -> bool:
        """Whether acknowledgements came in time."""
        return self.p99 <= MAX_P99_MILLISECONDS


@dataclass(slots=True)
class People:
    """The service, and load processes of more and more people."""

    environment: Environment
    database: str
    service: ServiceProcess
    #: Ends all load processes.
    stack: ExitStack
    #: Those whose people send heartbeats.
    loads: list[ChildProcess] = field(default_factory=list)
    _sessions: int = 0

    def add(self, people: int) -> None:
        """Connect so many more, who have sessions of their own."""
        sessions = max(people // USERS_PER_SESSION, STREAMS)
        first, self._sessions = self._sessions + 1, self._sessions + sessions
        execute(self.database, INSERT_SESSIONS.format(first=first, last=self._sessions))
        plan = StreamPlan(
            address=self.service.address,
            bearer=relay_token(),
            streams=STREAMS,
            first_session=first,
            sessions=sessions,
            heartbeats_per_message=BATCH_SIZE,
            as_columns=True,
            window=WINDOW,
        )
        load = self.stack.enter_context(self.environment.stream_load(plan))
        load.request(Connect(), Delivered)
        # In production autovacuum does this within a minute.
        execute(self.database, "VACUUM ANALYZE")
        self.loads.append(load)

    def measure(self, people: int, seconds: float, heartbeat_seconds: float) -> Step:
        """Send heartbeats of everybody."""
        service = psutil.Process(self.service.pid)
        processes: Mapping[str, psutil.Process | Sequence[psutil.Process]] = {
            SERVER: service,
            POSTGRES: self.environment.postgres,
            CLIENT: [load.process for load in self.loads],
        }
        request = SendHeartbeats(seconds=seconds, cycle_seconds=heartbeat_seconds)

        def send() -> list[Delivered]:
            for load in self.loads:
                load.send(request)
            return [load.receive(Delivered) for load in self.loads]

        started = time.monotonic()
        psutil.cpu_percent()  # the next call returns the share since this one
        delivered, used = measure_processor(processes, send)
        elapsed = time.monotonic() - started
        cores = {name: seconds / elapsed for name, seconds in used.items()}
        return Step(
            people=people,
            delivered=delivered,
            cores=cores,
            busy=psutil.cpu_percent() / _PERCENT,
            resident_bytes=service.memory_info().rss,
        )


def run(environment: Environment, options: Options) -> Report:
    """Add people until acknowledgements take too long, then try numbers in between."""
    seconds = options.duration(SECONDS)
    search = Search(options.scaled(FIRST_PEOPLE, at_least=STREAMS * USERS_PER_SESSION))
    steps: list[Step] = []
    with _service(environment) as people:
        deadline = time.monotonic() + SEARCH_MEASUREMENTS * seconds
        while (number := search.next) is not None and time.monotonic() < deadline:
            environment.log(f"{number - search.carried:,} more people connect")
            people.add(number - search.carried)
            step = people.measure(number, seconds, HEARTBEAT_SECONDS * options.time_scale)
            environment.log(f"{number:,} people: p99 {step.p99:,.0f} ms")
            if not step.is_carried:
                # They stay connected, but send nothing more.
                people.loads.pop()
            search.record(number, is_carried=step.is_carried)
            steps.append(step)
    return _report(search, steps)


@contextmanager
def _service(environment: Environment) -> Iterator[People]:
    with (
        environment.database(0) as database,
        environment.service(database) as service,
        ExitStack() as stack,
    ):
        yield People(environment, database, service, stack)


def what_ends_first(step: Step, cores: int) -> str:
    """Say what was used up by too many people."""
    if step.cores[SERVER] >= _FULL:
        return f"the service's core ends first: a process uses at most one, and it used {step.cores[SERVER]:.2f}"
    used = ", ".join(f"{name} {share:.2f}" for name, share in step.cores.items())
    if step.busy >= _FULL:
        others = max(step.busy * cores - sum(step.cores.values()), 0)
        return f"the machine's {cores} cores end first: {used}, other programs {others:.2f}"
    return f"no core ends first ({used}): acknowledgements wait for PostgreSQL's disk or its locks"


def _report(search: Search, steps: Sequence[Step]) -> Report:
    rejections = sum(each.rejections for step in steps for each in step.delivered)
    return Report(
        title=f"As many people as the service carries with an ack p99 of {MAX_P99_MILLISECONDS:.0f} ms",
        header=(
            *("people", "heartbeats/s", "p50 ms", "p99 ms", "service cores", "PostgreSQL cores", "sender cores"),
            *("machine %", "service MiB"),
        ),
        rows=[_row(step) for step in sorted(steps, key=lambda step: step.people)],
        checks=(
            at_least("people", search.carried, GOAL_PEOPLE),
            Check(goal="no heartbeat rejected", measured=f"{rejections}", is_met=rejections == 0),
        ),
        notes=_notes(search, steps),
    )


def _notes(search: Search, steps: Sequence[Step]) -> list[str]:
    over = [step for step in steps if step.people == search.too_many]
    notes = [f"{step.people:,} are too many: {what_ends_first(step, os.cpu_count() or 1)}" for step in over]
    if search.next is not None:
        notes.append("the time for the search was over before the number was known well enough")
    return [*notes, "a heartbeat of each every 15 s; latencies are counted from the time at which a message was due"]


def _row(step: Step) -> tuple[str, ...]:
    events = sum(each.events for each in step.delivered)
    p50 = max(each.latency_p50 for each in step.delivered)
    return (
        f"{step.people:,}",
        f"{events / max(each.seconds for each in step.delivered):,.0f}",
        f"{p50:,.0f}",
        f"{step.p99:,.0f}",
        *(f"{step.cores[name]:.2f}" for name in (SERVER, POSTGRES, CLIENT)),
        f"{step.busy * _PERCENT:.0f}",
        f"{step.resident_bytes / BYTES_PER_MIB:,.0f}",
    )
