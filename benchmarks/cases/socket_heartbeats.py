"""What one heartbeat of a presence socket costs each process on its way, and what an idle socket keeps in memory."""

from __future__ import annotations

import time

from benchmarks.cases.sockets import GATEWAY, NORMAL_RATE, SOCKET, WARM_UP_PAGES, socket_stack
from benchmarks.environment import Environment
from benchmarks.load.page_messages import Idle, Idled
from benchmarks.measurement import MICROSECONDS_PER_SECOND, Options
from benchmarks.report import Report, at_most
from benchmarks.resources import BYTES_PER_KIB, measure_processor
from benchmarks.targets import CLIENT, POSTGRES, SERVER

#: What two shared cores carry beside other programs; `idle-sockets` has 10,000.
PAGES = 4_000
#: Four heartbeats of each.
SECONDS = 60.0
#: How long the processes are measured without a socket.
QUIET_SECONDS = 10.0


def run(environment: Environment, options: Options) -> Report:
    """Measure the processes without sockets, then with sockets that only answer pings."""
    pages, seconds = options.scaled(PAGES, at_least=2), options.duration(SECONDS)
    quiet_seconds = min(QUIET_SECONDS, seconds)
    with socket_stack(environment, max(pages, WARM_UP_PAGES)) as stack:
        stack.warm_up()
        before = stack.resident_bytes()
        _, quiet = measure_processor(stack.processes, lambda: time.sleep(quiet_seconds))
        with stack.pages(pages) as load:
            load.open(NORMAL_RATE)
            environment.log(f"{pages:,} sockets are connected, idle for {seconds:,.0f} s")
            processes = stack.processes | {CLIENT: load.processes}
            idled, busy = measure_processor(processes, lambda: load.request(Idle(seconds=seconds), Idled))
            after = stack.resident_bytes()
            load.close()
    heartbeats = max(idled.pongs, 1)
    kib = {name: (after[name] - before[name]) / pages / BYTES_PER_KIB for name in before}
    resting = {name: used / quiet_seconds * MICROSECONDS_PER_SECOND for name, used in quiet.items()}
    costs = {
        name: (busy[name] * MICROSECONDS_PER_SECOND - resting.get(name, 0) * seconds) / heartbeats for name in busy
    }
    way = (SOCKET, GATEWAY, SERVER, POSTGRES)
    return Report(
        title=f"Sockets: {pages:,}, a ping every 15 s, through the gateway, for {seconds:,.0f} s",
        header=("", "us per heartbeat", "us per second without sockets", "KiB per idle socket"),
        rows=[
            *(
                (
                    name,
                    f"{costs[name]:.0f}",
                    f"{resting[name]:,.0f}" if name in resting else "-",
                    f"{kib[name]:.1f}" if name in kib else "-",
                )
                for name in (*way, CLIENT)
            ),
            ("all but the client", f"{sum(costs[name] for name in way):.0f}", "", f"{sum(kib.values()):.1f}"),
        ],
        checks=(
            at_most("the presence socket's per heartbeat", costs[SOCKET], 30, unit=" us"),
            at_most("per socket in the presence socket", kib[SOCKET], 12, unit=" KiB", digits=1),
            at_most("sockets that ended", idled.ends, 0),
        ),
        notes=(
            f"{idled.pongs:,} heartbeats",
            "what the processes use without any socket is not counted: it is measured first",
        ),
    )
