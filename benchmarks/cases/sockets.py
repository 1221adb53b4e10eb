"""Presence sockets through the gateway: many that idle, a storm of them, and a restart under them."""

from __future__ import annotations

import psutil

from benchmarks.load.messages import Ready
from benchmarks.options import Options
from benchmarks.processes.page_load import Idle, Idled, Leave, Open, Opened, Return
from benchmarks.processor import spent
from benchmarks.report import Check, Report, at_least, at_most
from benchmarks.resident import BYTES_PER_KIB
from benchmarks.socket_stack import SOCKET, SocketStack, client, socket_stack
from benchmarks.workbench import Workbench
from testkit.postgres import query

PAGES = 10_000
PAGES_AT_RESTART = 5_000
#: Opened and closed before: what the first ones allocate once and for all is not theirs.
WARM_UP_PAGES = 100
#: Half of the storm: pages come back at this pace after a restart.
CALM_PER_SECOND = 500.0
STORM_PER_SECOND = 2_000.0
IDLE_SECONDS = 600.0
#: A page of ours (gateway/web/presence-transports.js) waits so long for an answer.
MAX_WAIT_SECONDS = 10
_MILLISECONDS_PER_SECOND = 1_000
_MICROSECONDS_PER_SECOND = 1_000_000
_FALSE_ENDS = "SELECT count(*) FROM connection_events WHERE event <> 'connect'"
_OPEN_INTERVALS = "SELECT count(*) FROM presence_intervals WHERE end_reason IS NULL"
_INTERVALS = "SELECT count(*) FROM presence_intervals"


def idle(workbench: Workbench, options: Options) -> Report:
    """Let sockets idle, pongs flowing."""
    pages, seconds = options.scaled(PAGES, at_least=2), options.duration(IDLE_SECONDS)
    with socket_stack(workbench, max(pages, WARM_UP_PAGES)) as stack:
        _warm_up(stack)
        ends_before = _count(stack, _FALSE_ENDS)
        before = _resident(stack)
        with stack.pages(pages) as load:
            load.ask(Open(per_second=CALM_PER_SECOND), Opened)
            workbench.say(f"{pages:,} sockets are connected, idle for {seconds:,.0f} s")
            processes = stack.processes | client(load)
            idled, processor = spent(processes, lambda: load.ask(Idle(seconds=seconds), Idled))
            after = _resident(stack)
            false_ends = _count(stack, _FALSE_ENDS) - ends_before
            load.ask(Leave(), Ready)
    beats = max(idled.pongs, 1)
    return Report(
        title=f"Sockets: {pages:,} idle for {seconds:,.0f} s, a ping each 15 s, through the gateway",
        header=("", "KiB per socket", "us of processor per beat"),
        rows=[
            (
                name,
                f"{(after[name] - before[name]) / pages / BYTES_PER_KIB:.1f}" if name in before else "-",
                f"{processor[name] / beats * _MICROSECONDS_PER_SECOND:.0f}",
            )
            for name in processes
        ],
        checks=(
            at_most(
                "per socket in the presence socket",
                (after[SOCKET] - before[SOCKET]) / pages / BYTES_PER_KIB,
                25,
                unit=" KiB",
                digits=1,
            ),
            at_most("false disconnects in the database", false_ends, 0),
            at_most("sockets that ended", idled.ends, 0),
        ),
        notes=(f"{idled.pongs:,} beats in {seconds:,.0f} s.",),
    )


def storm(workbench: Workbench, options: Options) -> Report:
    """Open all sockets at 2,000 a second."""
    pages = options.scaled(PAGES, at_least=2)
    with socket_stack(workbench, pages) as stack, stack.pages(pages) as load:
        processes = stack.processes | client(load)
        opened, processor = spent(processes, lambda: load.ask(Open(per_second=STORM_PER_SECOND), Opened))
        connected = _count(stack, _OPEN_INTERVALS)
        load.ask(Leave(), Ready)
    return Report(
        title=f"Storm: {pages:,} sockets asked for at {STORM_PER_SECOND:,.0f} a second",
        header=("", "us of processor per socket"),
        rows=[(name, f"{processor[name] / pages * _MICROSECONDS_PER_SECOND:.0f}") for name in processes],
        checks=(
            at_least("present in the database", connected, pages),
            at_most(
                "from the attempt to `connected`, p99",
                opened.latency_p99 / _MILLISECONDS_PER_SECOND,
                MAX_WAIT_SECONDS,
                unit=" s",
                digits=1,
            ),
            at_most("attempts that failed and sockets that ended", sum(opened.ends.values()), 0),
        ),
        notes=(
            f"All connected after {opened.seconds:.1f} s ({pages / opened.seconds:,.0f}/s).",
            f"From the attempt to `connected`: p50 {opened.latency_p50:,.0f} ms, p99 {opened.latency_p99:,.0f} ms.",
            *(f"{count:,} attempts: {end}." for end, count in opened.ends.items()),
        ),
    )


def restart(workbench: Workbench, options: Options) -> Report:
    """Restart the presence socket under its sockets."""
    pages = options.scaled(PAGES_AT_RESTART, at_least=2)
    with socket_stack(workbench, pages) as stack, stack.pages(pages) as load:
        load.ask(Open(per_second=CALM_PER_SECOND), Opened)
        load.tell(Return())
        stopped = stack.socket.terminated()
        stack.socket.start()
        back = load.hear(Opened)
        intervals, still_open = _count(stack, _INTERVALS), _count(stack, _OPEN_INTERVALS)
        load.ask(Leave(), Ready)
    return Report(
        title=f"Restart of the presence socket under {pages:,} sockets",
        header=("", "seconds"),
        rows=[
            ("from SIGTERM to its end", f"{stopped.seconds:.1f}"),
            ("until all were back", f"{back.seconds:.1f}"),
        ],
        checks=(
            at_most("until all were back", back.seconds, 60, unit=" s", digits=1),
            Check(
                goal="nobody's interval broken",
                measured=f"{intervals:,} intervals, {still_open:,} of them open",
                is_met=intervals == still_open == pages,
            ),
            at_most("exit status", stopped.status, 0),
        ),
    )


def _warm_up(stack: SocketStack) -> None:
    with stack.pages(WARM_UP_PAGES) as load:
        load.ask(Open(per_second=CALM_PER_SECOND), Opened)
        load.ask(Leave(), Ready)


def _resident(stack: SocketStack) -> dict[str, int]:
    return {name: _rss(process) for name, process in stack.processes.items() if name != "PostgreSQL"}


def _rss(process: psutil.Process) -> int:
    return int(process.memory_info().rss)


def _count(stack: SocketStack, statement: str) -> int:
    ((counted,),) = query(stack.database, statement)
    return int(str(counted))
