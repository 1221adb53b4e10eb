"""Each of three processes of each kind is killed, and then each restarted, under sockets, a relay and page calls.

On a Citus cluster a worker is stopped while they are killed, and is back while they are restarted.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

from benchmarks.cases.rest import NO_RATE_LIMIT, RATE_LIMITS
from benchmarks.cases.rolling_calls import Calls, Where
from benchmarks.cases.sockets import NORMAL_RATE
from benchmarks.child_process import ChildProcess
from benchmarks.citus_worker import CitusWorker, Server, session_of_each_worker
from benchmarks.environment import Environment, relay_token
from benchmarks.folding import await_folded
from benchmarks.load.messages import Connect, Delivered, Ready, RelayPlan, RideOut, RodeOut
from benchmarks.load.page_messages import Absences, GetAbsences
from benchmarks.measurement import Log, Options
from benchmarks.page_loads import PageLoads, gateways_for, page_loads
from benchmarks.report import Check, Report, at_most
from testkit.postgres import query
from testkit.replicated_site import KINDS, SOCKET, ReplicatedSite, replicated_site

PAGES = 20_000
REPLICAS = 3
#: While processes end, one of them may have far more sockets than a third: 62 % were seen.
MAX_SHARE_OF_SOCKETS = 0.75
RELAYED_SESSIONS = 10_000
RELAY_STREAMS = 8
#: Ten times as many as they would send with a heartbeat every 15 s.
HEARTBEATS_PER_SECOND = 13_000
#: Sessions that nobody but page calls uses: so many that each worker has one of them.
_CALLED_SESSIONS = 64
_WORKER = "database worker"
#: The relay's load is counted by parts of this length.
_PART_SECONDS = 5.0
#: The goal: nobody is away for longer than between two heartbeats.
HEARTBEAT_INTERVAL_SECONDS = 15.0
#: Streams spread again while the case runs.
_SETTINGS = {"MAX_STREAM_AGE_SECONDS": "30"}
#: What calls notice on this machine although nothing ends, and what they notice of a worker that is gone or back.
_WATCH_SECONDS = 10.0
#: Envoy tells a page a second later that its presence socket was cut off.
_MAX_NOTICE_SECONDS = 30.0
_POLL_SECONDS = 0.1
_BROKEN = "SELECT count(*) FROM presence_intervals WHERE end_reason IS NOT NULL"
_INTERVALS = "SELECT count(*) FROM presence_intervals"


class _Step(NamedTuple):
    """What was noticed of the end of one process."""

    name: str
    #: Until the gateways used it again.
    seconds: float
    absences: Absences
    failed: list[str]
    #: While a worker is stopped: calls about its sessions, and those about sessions of all workers.
    failed_of_worker: list[str]


class _Run:
    """What pages and calls notice, step by step."""

    def __init__(self, load: PageLoads, calls: Calls, worker: CitusWorker | None, log: Log) -> None:
        """Nothing has happened yet."""
        self._load = load
        self._calls = calls
        self._worker = worker
        self._log = log
        self.steps: list[_Step] = []

    def step(self, name: str, work: Callable[[], object], *, sockets: int = 0, watch_seconds: float = 0.0) -> None:
        """Do something that ends so many sockets; note what is noticed until then, and for some time after it."""
        began, stopped = time.monotonic(), self._stopped_worker()
        work()
        stopped = stopped or self._stopped_worker()
        seconds = time.monotonic() - began
        time.sleep(watch_seconds)
        absences = self._absences(sockets)
        failed = self._calls.take_failures()
        of_worker = [call for where in (stopped, None) for call in failed.pop(where)] if stopped else []
        others = [call for several in failed.values() for call in several]
        self._log(f"{name}, {len(absences.seconds):,} sockets interrupted")
        self.steps.append(_Step(name, seconds, absences, others, of_worker))

    def _stopped_worker(self) -> Server | None:
        return self._worker.stopped if self._worker is not None else None

    def _absences(self, sockets: int) -> Absences:
        absences = self._load.request(GetAbsences(), Absences)
        # A process may be back before the first page notices that it was gone.
        deadline = time.monotonic() + _MAX_NOTICE_SECONDS
        while len(absences.seconds) < sockets and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
            absences = Absences.together([absences, self._load.request(GetAbsences(), Absences)])
        return absences


def run(environment: Environment, options: Options) -> Report:
    """Report what pages, people with sockets and a relay noticed."""
    pages = options.scaled(PAGES, at_least=12) // 2 * 2
    relayed = options.scaled(RELAYED_SESSIONS, at_least=RELAY_STREAMS)
    in_use = pages // 2 + relayed
    gateways = gateways_for(pages, per_presence_socket=round(pages * MAX_SHARE_OF_SOCKETS))
    settings = {**_SETTINGS, **dict.fromkeys(RATE_LIMITS, NO_RATE_LIMIT)}
    watch_seconds = options.duration(_WATCH_SECONDS)
    with (
        environment.database(in_use + _CALLED_SESSIONS) as database,
        _worker(database, options) as worker,
        replicated_site(database, environment.new_directory("site"), REPLICAS, gateways=gateways, **settings) as site,
        page_loads(environment, site.gateways, pages) as load,
        environment.child("benchmarks.load.relay_load") as relay,
    ):
        load.open(NORMAL_RATE)
        environment.log(f"{pages:,} sockets are connected")
        plan = RelayPlan(
            address=site.gateway.address,
            bearer=relay_token(),
            streams=RELAY_STREAMS,
            first_session=pages // 2 + 1,
            sessions=relayed,
        )
        relay.request(plan, Ready)
        relay.request(Connect(), Delivered)
        called: dict[Where, int] = {None: in_use + 1}
        if worker is not None:
            called = session_of_each_worker(database, in_use + 1, in_use + _CALLED_SESSIONS)
        calls = Calls(called)
        observed = _Run(load, calls, worker, environment.log)
        with _relaying(relay, options.scaled(HEARTBEATS_PER_SECOND)) as parts, calls.running(site.gateway.url):
            observed.step("before", lambda: None, watch_seconds=watch_seconds)
            if worker is not None:
                observed.step(f"{_WORKER} stopped", worker.stop, watch_seconds=watch_seconds)
            _end_each(observed, site, site.kill_and_restart, how="killed")
            if worker is not None:
                observed.step(f"{_WORKER} started", partial(_start, worker, database), watch_seconds=watch_seconds)
            _end_each(observed, site, site.restart, how="restarted")
        await_folded(database)
        intervals, broken = (int(str(query(database, statement)[0][0])) for statement in (_INTERVALS, _BROKEN))
        spread = {kind: [site.host(kind, process.port).open_calls for process in site.replicas[kind]] for kind in KINDS}
        load.close()
    steps = observed.steps
    passed, acknowledged, rejected = (
        sum(getattr(part, name) for part in parts) for name in ("passed", "acknowledged", "rejections")
    )
    people = pages + 2 * relayed
    return Report(
        title=f"{REPLICAS} of each: each killed, then each restarted, with {pages:,} sockets and a relay",
        header=("", "s until used again", "sockets interrupted", "p50 s", "longest s", "calls failed"),
        rows=[
            (
                step.name,
                f"{step.seconds:.1f}",
                f"{len(step.absences.seconds):,}",
                f"{step.absences.median:.1f}",
                f"{step.absences.longest:.1f}",
                f"{len(step.failed)}",
            )
            for step in steps
        ],
        checks=(
            at_most(
                "longest time without a socket",
                max(step.absences.longest for step in steps),
                HEARTBEAT_INTERVAL_SECONDS,
                unit=" s",
                digits=1,
            ),
            at_most(
                "calls that failed at a restart",
                sum(len(step.failed) for step in steps if step.name.endswith("restarted")),
                0,
            ),
            at_most(
                "reading calls that failed at a kill",
                sum(failed.startswith("GET") for step in steps for failed in step.failed if "killed" in step.name),
                0,
            ),
            *_worker_checks([step for step in steps if step.name.startswith(_WORKER)]),
            Check(
                goal="everything relayed is acknowledged, nothing rejected",
                measured=f"{acknowledged:,} of {passed:,}, {rejected} rejected",
                is_met=acknowledged == passed and not rejected,
            ),
            Check(
                goal="one unbroken presence for each person",
                measured=f"{intervals:,} intervals of {people:,} people, {broken:,} of them ended",
                is_met=people <= intervals <= people + len(called) and not broken,
            ),
        ),
        notes=(
            f"{calls.count:,} page calls, the slowest {calls.slowest_seconds:.1f} s.",
            *(f"failed, {step.name}: {_counted(step.failed)}" for step in steps if step.failed),
            *(
                f"failed for want of the worker, {step.name}: {_counted(step.failed_of_worker)}"
                for step in steps
                if step.failed_of_worker
            ),
            *(f"{count:,} sockets: {end}" for end, count in _ends(steps).items()),
            *(f"open at the end, {kind}: {', '.join(map(str, counts))}" for kind, counts in spread.items()),
        ),
    )


@contextmanager
def _worker(database: str, options: Options) -> Iterator[CitusWorker | None]:
    """Yield the worker that is to be stopped, if there is one; it runs again at the end of the block."""
    if options.worker is None:
        yield None
        return
    worker = CitusWorker(database, options.worker)
    try:
        yield worker
    finally:
        worker.start()


def _start(worker: CitusWorker, database: str) -> None:
    """Start it, and wait until facts are made of everything that was acknowledged meanwhile."""
    worker.start()
    await_folded(database)


def _end_each(observed: _Run, site: ReplicatedSite, end_and_start: Callable[[str, int], object], *, how: str) -> None:
    """End each process, one after the other."""
    for kind in KINDS:
        for number, process in enumerate(site.replicas[kind]):
            sockets = site.host(kind, process.port).open_calls if kind == SOCKET else 0
            observed.step(f"{kind} {number + 1} {how}", partial(end_and_start, kind, number), sockets=sockets)


@contextmanager
def _relaying(relay: ChildProcess, per_second: float) -> Iterator[list[RodeOut]]:
    """Send heartbeats until the end of the block; then everything is acknowledged."""
    parts: list[RodeOut] = []
    ending = threading.Event()

    def send() -> None:
        while not ending.is_set():
            parts.append(relay.request(RideOut(seconds=_PART_SECONDS, per_second=per_second), RodeOut))

    with ThreadPoolExecutor(1) as thread:
        sending = thread.submit(send)
        try:
            yield parts
        finally:
            ending.set()
        sending.result()


def _worker_checks(steps: Sequence[_Step]) -> list[Check]:
    """Return what nobody else may notice of a worker, if one was stopped and started."""
    if not steps:
        return []
    return [
        at_most("sockets that ended with the worker", sum(len(step.absences.seconds) for step in steps), 0),
        at_most("calls of other sessions that failed with it", sum(len(step.failed) for step in steps), 0),
    ]


def _counted(failed: Sequence[str]) -> str:
    return ", ".join(f"{count} x {what}" for what, count in Counter(failed).items())


def _ends(steps: Sequence[_Step]) -> Counter[str]:
    return sum((Counter(step.absences.ends) for step in steps), Counter())
