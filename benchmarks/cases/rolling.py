"""Each of three processes of each kind is killed, and then each restarted, under sockets, a relay and page calls."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import NamedTuple

from benchmarks.cases.rest import NO_RATE_LIMIT, RATE_LIMITS
from benchmarks.cases.sockets import NORMAL_RATE
from benchmarks.child_process import ChildProcess
from benchmarks.environment import Environment, relay_token
from benchmarks.load.messages import Connect, Delivered, Ready, RelayPlan, RideOut, RodeOut, user_id
from benchmarks.load.page_messages import Absences, GetAbsences
from benchmarks.measurement import Options
from benchmarks.page_loads import PageLoads, gateways_for, page_loads
from benchmarks.report import Check, Report, at_most
from testkit.page_traffic import Failure, PageCall, PageCalls
from testkit.postgres import query
from testkit.replicated_site import KINDS, SOCKET, ReplicatedSite, replicated_site
from testkit.tokens import token

PAGES = 20_000
REPLICAS = 3
RELAYED_SESSIONS = 10_000
RELAY_STREAMS = 8
#: Ten times as many as they would send with a heartbeat every 15 s.
HEARTBEATS_PER_SECOND = 13_000
#: The relay's load is counted by parts of this length.
_PART_SECONDS = 5.0
#: The goal: nobody is away for longer than between two heartbeats.
HEARTBEAT_INTERVAL_SECONDS = 15.0
#: Streams spread again while the case runs.
_SETTINGS = {"MAX_STREAM_AGE_SECONDS": "30"}
#: What calls notice on this machine although nothing ends.
_BEFORE_SECONDS = 10.0
#: Envoy tells a page a second later that its presence socket was cut off.
_MAX_NOTICE_SECONDS = 30.0
_POLL_SECONDS = 0.1
_BROKEN = "SELECT count(*) FROM presence_intervals WHERE end_reason IS NOT NULL"
_INTERVALS = "SELECT count(*) FROM presence_intervals"


class _Step(NamedTuple):
    """What was noticed of the end of one process."""

    name: str
    #: Until the gateway used it again.
    seconds: float
    absences: Absences
    failed: list[str]


def run(environment: Environment, options: Options) -> Report:
    """Report what pages, people with sockets and a relay noticed."""
    pages = options.scaled(PAGES, at_least=12) // 2 * 2
    relayed = options.scaled(RELAYED_SESSIONS, at_least=RELAY_STREAMS)
    # While one of them is gone, the others have its sockets.
    gateways = gateways_for(pages, per_presence_socket=pages // (REPLICAS - 1))
    sessions = pages // 2 + relayed + 1
    settings = {**_SETTINGS, **dict.fromkeys(RATE_LIMITS, NO_RATE_LIMIT)}
    with (
        environment.database(sessions) as database,
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
        with _relaying(relay, options.scaled(HEARTBEATS_PER_SECOND)) as parts, _calling(site, sessions) as calls:
            began = time.monotonic()
            time.sleep(options.duration(_BEFORE_SECONDS))
            before = _step(load, calls, "before", began, 0, sockets=0)
            killed = _each(site, load, calls, site.kill_and_restart, how="killed", log=environment.log)
            restarted = _each(site, load, calls, site.restart, how="restarted", log=environment.log)
        intervals, broken = (int(str(query(database, statement)[0][0])) for statement in (_INTERVALS, _BROKEN))
        spread = {kind: [site.host(kind, process.port).open_calls for process in site.replicas[kind]] for kind in KINDS}
        load.close()
    steps = [before, *killed, *restarted]
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
            at_most("calls that failed at a restart", sum(len(step.failed) for step in restarted), 0),
            at_most(
                "reading calls that failed at a kill",
                sum(failed.startswith("GET") for step in killed for failed in step.failed),
                0,
            ),
            Check(
                goal="everything relayed is acknowledged, nothing rejected",
                measured=f"{acknowledged:,} of {passed:,}, {rejected} rejected",
                is_met=acknowledged == passed and not rejected,
            ),
            Check(
                goal="one unbroken presence for each person",
                measured=f"{intervals:,} intervals of {people:,} people, {broken:,} of them ended",
                is_met=people <= intervals <= people + 1 and not broken,
            ),
        ),
        notes=(
            f"{calls.made:,} page calls, the slowest {calls.slowest_seconds:.1f} s.",
            *(f"failed, {name}: {calls}" for name, calls in _failures(steps).items()),
            *(f"{count:,} sockets: {end}" for end, count in _ends(steps).items()),
            *(f"open at the end, {kind}: {', '.join(map(str, counts))}" for kind, counts in spread.items()),
        ),
    )


def _each(
    site: ReplicatedSite,
    load: PageLoads,
    calls: PageCalls,
    end_and_start: Callable[[str, int], object],
    *,
    how: str,
    log: Callable[[str], None],
) -> list[_Step]:
    """End each process, one after the other."""
    steps = []
    for kind in KINDS:
        for number, process in enumerate(site.replicas[kind]):
            began, known = time.monotonic(), len(calls.failures)
            sockets = site.host(kind, process.port).open_calls if kind == SOCKET else 0
            end_and_start(kind, number)
            steps.append(_step(load, calls, f"{kind} {number + 1} {how}", began, known, sockets=sockets))
            log(f"{steps[-1].name}, {len(steps[-1].absences.seconds):,} sockets interrupted")
    return steps


def _step(load: PageLoads, calls: PageCalls, name: str, began: float, known: int, *, sockets: int) -> _Step:
    """Report what was noticed since a time, after so many failures of calls and the end of so many sockets."""
    seconds = time.monotonic() - began
    absences = load.request(GetAbsences(), Absences)
    # A process may be back before the first page notices that it was gone.
    deadline = time.monotonic() + _MAX_NOTICE_SECONDS
    while len(absences.seconds) < sockets and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
        absences = Absences.together([absences, load.request(GetAbsences(), Absences)])
    failed = [f"{one.call.method} {one.call.path} {one.status} {_reason(one)}" for one in calls.failures[known:]]
    return _Step(name, seconds, absences, failed)


def _reason(failure: Failure) -> str:
    try:
        details = json.loads(failure.answer)["details"]
    except (ValueError, KeyError):
        return failure.answer
    return " ".join(detail["reason"] for detail in details if "reason" in detail)


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


@contextmanager
def _calling(site: ReplicatedSite, session: int) -> Iterator[PageCalls]:
    """Make calls of pages until the end of the block."""
    calls, ending = PageCalls(), threading.Event()

    async def call() -> None:
        async with calls.running(site.gateway.url, _page_calls(session)):
            await asyncio.to_thread(ending.wait)

    with ThreadPoolExecutor(1) as thread:
        calling = thread.submit(asyncio.run, call())
        try:
            yield calls
        finally:
            ending.set()
        calling.result()


def _page_calls(session: int) -> list[PageCall]:
    tutor, admin = token(user_id(session, "tutor"), "tutor"), token(1, "admin")
    whiteboard = f"/api/whiteboard/sessions/{session}"
    return [
        PageCall(method="GET", path=f"{whiteboard}/connection-status", bearer=tutor),
        PageCall(method="GET", path="/api/tutor/sessions", bearer=tutor),
        PageCall(method="GET", path="/api/reports/whiteboard-engagement?page_size=1", bearer=admin),
        PageCall(method="POST", path=f"{whiteboard}/heartbeat", bearer=tutor, body={"user_type": "tutor"}),
    ]


def _failures(steps: Sequence[_Step]) -> dict[str, str]:
    counted = {step.name: Counter(step.failed) for step in steps if step.failed}
    return {name: ", ".join(f"{count} x {what}" for what, count in calls.items()) for name, calls in counted.items()}


def _ends(steps: Sequence[_Step]) -> Counter[str]:
    return sum((Counter(step.absences.ends) for step in steps), Counter())
