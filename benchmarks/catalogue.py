"""All cases, in the order in which they run."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from benchmarks.cases import (
    ack_latency,
    batches,
    growth,
    many_streams,
    memory,
    million,
    outage,
    relay,
    rest_heartbeats,
    single_beats,
    sockets,
    write_ahead_log,
)
from benchmarks.options import Options
from benchmarks.report import Report
from benchmarks.workbench import Workbench

Case = Callable[[Workbench, Options], Report]

CASES: Mapping[str, Case] = {
    "batches": batches.run,
    "single-beats": single_beats.run,
    "many-streams": many_streams.run,
    "rest": rest_heartbeats.run,
    "ack-latency": ack_latency.run,
    "write-ahead-log": write_ahead_log.run,
    "growth": growth.run,
    "memory": memory.run,
    "outage": outage.run,
    "relay": relay.run,
    "million": million.run,
}
#: Of the presence socket and the gateway; `make bench-sockets`.
SOCKET_CASES: Mapping[str, Case] = {
    "idle-sockets": sockets.idle,
    "socket-storm": sockets.storm,
    "socket-restart": sockets.restart,
}
