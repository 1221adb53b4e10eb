"""All cases by their names on the command line, in the order in which they run."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from benchmarks.cases import (
    ack_latency,
    flood,
    growth,
    kill,
    memory,
    million,
    most_people,
    peers,
    relay,
    rest,
    rolling,
    socket_heartbeats,
    sockets,
    throughput,
    write_ahead_log,
)
from benchmarks.environment import Environment
from benchmarks.measurement import Options
from benchmarks.report import Report

Case = Callable[[Environment, Options], Report]

#: Of the tracking service; `make bench`.
TRACKING_CASES: Mapping[str, Case] = {
    "batches": throughput.batches,
    "columns": throughput.columns,
    "single-heartbeats": throughput.single_heartbeats,
    "many-streams": throughput.many_streams,
    "rest": rest.run,
    "peers": peers.run,
    "ack-latency": ack_latency.run,
    "write-ahead-log": write_ahead_log.run,
    "growth": growth.run,
    "memory": memory.idle_streams,
    "outage": memory.outage,
    "kill": kill.run,
    "relay": relay.run,
    "flood": flood.run,
    "sockets": socket_heartbeats.run,
    "million": million.million,
    "three-million": million.three_million,
    "most-people": most_people.run,
}
#: Of the presence socket and the gateway; `make bench-sockets`.
SOCKET_CASES: Mapping[str, Case] = {
    "idle-sockets": sockets.idle,
    "socket-storm": sockets.storm,
    "socket-restart": sockets.restart,
    "rolling": rolling.run,
}
ALL_CASES: Mapping[str, Case] = {**TRACKING_CASES, **SOCKET_CASES}
