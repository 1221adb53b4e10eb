"""Presence sockets through the gateway: idle ones, a storm of new ones, and a restart of the presence socket."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

from benchmarks.cases.rest import NO_RATE_LIMIT, RATE_LIMITS
from benchmarks.environment import Environment
from benchmarks.folding import MAX_FOLD_SECONDS, POLL_SECONDS, await_folded
from benchmarks.load.page_messages import Idle, Idled, Opened, WaitForReconnect
from benchmarks.measurement import MICROSECONDS_PER_SECOND, Options
from benchmarks.page_loads import PageLoads, gateways_for, page_loads
from benchmarks.report import Check, Report, at_least, at_most
from benchmarks.resources import BYTES_PER_KIB, measure_processor
from benchmarks.targets import CLIENT, POSTGRES, SERVER
from testkit.envoy import Gateway, running_gateways
from testkit.postgres import query
from testkit.presence_socket_process import PresenceSocketProcess, presence_socket_process
from testkit.tokens import SECRET

SOCKET = "presence socket"
GATEWAY = "gateway"

PAGES = 10_000
PAGES_AT_RESTART = 5_000
#: Opened and closed first: what the first sockets allocate once for all sockets is not counted.
WARM_UP_PAGES = 100
#: Sockets per second, where opening them is not what is measured.
NORMAL_RATE = 500.0
STORM_RATE = 2_000.0
IDLE_SECONDS = 600.0
#: The page (gateway/web/presence-transports.js) waits this long for `connected`.
MAX_WAIT_SECONDS = 10
#: The default heartbeat interval of 15 s and the default presence timeout.
_DEFAULT_SETTINGS: dict[str, str] = {}
_MILLISECONDS_PER_SECOND = 1_000
_ENDS = "SELECT count(*) FROM connection_events WHERE event <> 'connect'"
_OPEN_INTERVALS = "SELECT count(*) FROM presence_intervals WHERE end_reason IS NULL"
_INTERVALS = "SELECT count(*) FROM presence_intervals"


@dataclass(frozen=True, kw_only=True, slots=True)
class SocketStack:
    """Everything that a page's socket needs: gateways, presence socket, tracking service, database."""

    environment: Environment
    database: str
    socket: PresenceSocketProcess
    gateways: Sequence[Gateway]
    service: psutil.Process

    @property
    def processes(self) -> dict[str, list[psutil.Process]]:
        """The processes of the product and of the database; a restart changes that of the presence socket."""
        return {
            SOCKET: [psutil.Process(self.socket.pid)],
            GATEWAY: [psutil.Process(gateway.process.pid) for gateway in self.gateways],
            SERVER: [self.service],
            POSTGRES: [self.environment.postgres],
        }

    def resident_bytes(self) -> dict[str, int]:
        """Return the resident memory of the product's processes."""
        return {
            name: sum(process.memory_info().rss for process in several)
            for name, several in self.processes.items()
            if name != POSTGRES
        }

    def count(self, statement: str) -> int:
        """Return what a query counts."""
        ((counted,),) = query(self.database, statement)
        return int(str(counted))

    @contextmanager
    def pages(self, count: int) -> Iterator[PageLoads]:
        """Run load processes of so many pages, none of which is open."""
        with page_loads(self.environment, self.gateways, count) as loads:
            yield loads

    def warm_up(self) -> None:
        """Open and close some sockets, and wait until that is in the tables."""
        with self.pages(WARM_UP_PAGES) as load:
            load.open(NORMAL_RATE)
            load.close()
        deadline = time.monotonic() + MAX_FOLD_SECONDS
        while self.count(_ENDS) < WARM_UP_PAGES:
            if time.monotonic() > deadline:
                raise TimeoutError("sockets were closed, and no disconnect of theirs was recorded")
            time.sleep(POLL_SECONDS)


@contextmanager
def socket_stack(environment: Environment, pages: int) -> Iterator[SocketStack]:
    """Run everything, with sessions for so many pages."""
    gateways_needed = gateways_for(pages, per_presence_socket=pages)
    with (
        environment.database(pages // 2 + 1) as database,
        environment.service(database, settings=_DEFAULT_SETTINGS) as service,
        presence_socket_process(service.address, environment.directory / "presence-socket.log") as socket,
        running_gateways(
            gateways_needed,
            environment.directory / "gateway",
            {
                "JWT_HS256_SECRET": SECRET,
                "TRACKING_ADDRESS": service.address,
                # Not called.
                "ATTENDANCE_ADDRESS": service.address,
                "SOCKET_ADDRESS": socket.address,
                **dict.fromkeys(RATE_LIMITS, NO_RATE_LIMIT),
            },
        ) as gateways,
    ):
        for gateway in gateways:
            gateway.wait_until_sockets_are_accepted()
        yield SocketStack(
            environment=environment,
            database=database,
            socket=socket,
            gateways=gateways,
            service=psutil.Process(service.pid),
        )


def idle(environment: Environment, options: Options) -> Report:
    """Keep sockets open that only answer pings."""
    pages, seconds = options.scaled(PAGES, at_least=2), options.duration(IDLE_SECONDS)
    with socket_stack(environment, max(pages, WARM_UP_PAGES)) as stack:
        stack.warm_up()
        ends_before = stack.count(_ENDS)
        before = stack.resident_bytes()
        with stack.pages(pages) as load:
            load.open(NORMAL_RATE)
            environment.log(f"{pages:,} sockets are connected, idle for {seconds:,.0f} s")
            processes = stack.processes | {CLIENT: load.processes}
            idled, processor = measure_processor(processes, lambda: load.request(Idle(seconds=seconds), Idled))
            after = stack.resident_bytes()
            await_folded(stack.database)
            false_ends = stack.count(_ENDS) - ends_before
            load.close()
    heartbeats = max(idled.pongs, 1)
    kib_per_socket = {name: (after[name] - before[name]) / pages / BYTES_PER_KIB for name in before}
    return Report(
        title=f"Sockets: {pages:,} idle for {seconds:,.0f} s, a ping every 15 s, through the gateway",
        header=("", "KiB per socket", "us of processor per heartbeat"),
        rows=[
            (
                name,
                f"{kib_per_socket[name]:.1f}" if name in kib_per_socket else "-",
                f"{processor[name] / heartbeats * MICROSECONDS_PER_SECOND:.0f}",
            )
            for name in processes
        ],
        checks=(
            at_most("per socket in the presence socket", kib_per_socket[SOCKET], 25, unit=" KiB", digits=1),
            at_most("false disconnects in the database", false_ends, 0),
            at_most("sockets that ended", idled.ends, 0),
        ),
        notes=(f"{idled.pongs:,} heartbeats in {seconds:,.0f} s.",),
    )


def storm(environment: Environment, options: Options) -> Report:
    """Open all sockets at 2,000 per second."""
    pages = options.scaled(PAGES, at_least=2)
    with socket_stack(environment, pages) as stack, stack.pages(pages) as load:
        processes = stack.processes | {CLIENT: load.processes}
        opened, processor = measure_processor(processes, lambda: load.open(STORM_RATE))
        connected = stack.count(_OPEN_INTERVALS)
        load.close()
    return Report(
        title=f"Storm: {pages:,} sockets requested at {STORM_RATE:,.0f} per second",
        header=("", "us of processor per socket"),
        rows=[(name, f"{processor[name] / pages * MICROSECONDS_PER_SECOND:.0f}") for name in processes],
        checks=(
            at_least("connected in the database", connected, pages),
            at_most(
                "from the attempt to `connected`, p99",
                opened.latency(0.99) / _MILLISECONDS_PER_SECOND,
                MAX_WAIT_SECONDS,
                unit=" s",
                digits=1,
            ),
            at_most("attempts that failed and sockets that ended", sum(opened.ends.values()), 0),
        ),
        notes=(
            f"All connected after {opened.seconds:.1f} s ({pages / opened.seconds:,.0f}/s).",
            f"From the attempt to `connected`: p50 {opened.latency(0.5):,.0f} ms, p99 {opened.latency(0.99):,.0f} ms.",
            *(f"{count:,} attempts: {end}." for end, count in opened.ends.items()),
        ),
    )


def restart(environment: Environment, options: Options) -> Report:
    """Restart the presence socket while sockets are open."""
    pages = options.scaled(PAGES_AT_RESTART, at_least=2)
    with socket_stack(environment, pages) as stack, stack.pages(pages) as load:
        load.open(NORMAL_RATE)
        load.send(WaitForReconnect())
        stopped = stack.socket.terminated()
        stack.socket.start()
        reconnected = load.receive(Opened)
        intervals, still_open = stack.count(_INTERVALS), stack.count(_OPEN_INTERVALS)
        load.close()
    return Report(
        title=f"Restart of the presence socket with {pages:,} open sockets",
        header=("", "seconds"),
        rows=[
            ("from SIGTERM to its end", f"{stopped.seconds:.1f}"),
            ("until all were connected again", f"{reconnected.seconds:.1f}"),
        ],
        checks=(
            at_most("until all were connected again", reconnected.seconds, 60, unit=" s", digits=1),
            Check(
                goal="no interval broken",
                measured=f"{intervals:,} intervals, {still_open:,} of them open",
                is_met=intervals == still_open == pages,
            ),
            at_most("exit status", stopped.status, 0),
        ),
    )
