"""Redis as a store of heartbeats: a SET for each, in its append-only file and synced before the answer."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path

from benchmarks.environment import Environment
from benchmarks.load.messages import Delivered
from benchmarks.measurement import Target
from benchmarks.peers.peer import (
    CONNECTIONS,
    Logged,
    Peer,
    PeerSize,
    Promise,
    ToolTarget,
    running_program,
    tool_output,
)
from benchmarks.requirement import REDIS
from benchmarks.targets import SERVER
from testkit.ports import HOST, free_port

SINGLE, PIPELINED = "Redis, one at a time", "Redis, pipelines of 100"
PIPELINE = 100
#: A probe of the rate: so many requests of each connection.
_PROBE_ROUNDS = 20
_SETTINGS = {
    "--bind": HOST,
    "--appendonly": "yes",
    "--appendfsync": "always",
    # The append-only file is what survives; snapshots would be a second copy.
    "--save": "",
    # It is not rewritten during a round, as PostgreSQL writes no checkpoint during one.
    "--auto-aof-rewrite-percentage": "0",
    "--logfile": "",
}
_PROMISE = Promise(durable="yes", exact="no", writes="append + value")


@dataclass(slots=True)
class RedisBenchmark:
    """redis-benchmark with pipelines of one length; it counts requests, so the rate before says how many."""

    port: int
    pipeline: int
    participants: int
    _rate: float = field(default=0.0, init=False)

    def run(self, seconds: float) -> Delivered:
        """Send SETs for about so many seconds."""
        if not self._rate:
            self._send(_PROBE_ROUNDS * CONNECTIONS * self.pipeline)
        return self._send(round(self._rate * seconds))

    def _send(self, requests: int) -> Delivered:
        # Each connection sends whole pipelines only.
        whole = max(requests // (CONNECTIONS * self.pipeline), 1) * CONNECTIONS * self.pipeline
        options = {"-h": HOST, "-p": self.port, "-c": CONNECTIONS, "-P": self.pipeline, "-n": whole}
        given = [str(part) for part in chain.from_iterable(options.items())]
        set_time = ["SET", "heartbeat:__rand_int__", "1764500000000000"]
        printed = tool_output(["redis-benchmark", *given, "-r", str(self.participants), "--csv", *set_time])
        *_, measured = csv.DictReader(printed.splitlines())
        self._rate = float(measured["rps"])
        return Delivered(
            events=whole,
            seconds=whole / self._rate,
            latency_p50=float(measured["p50_latency_ms"]),
            latency_p99=float(measured["p99_latency_ms"]),
            latency_max=float(measured["max_latency_ms"]),
        )


def peers(size: PeerSize) -> list[Peer]:
    """Return Redis with both lengths of its pipelines."""
    return [
        Peer(
            name=name,
            promise=_PROMISE,
            in_flight=CONNECTIONS * pipeline,
            requirement=REDIS,
            start=partial(_running, participants=size.participants, pipeline=pipeline),
        )
        for name, pipeline in ((SINGLE, 1), (PIPELINED, PIPELINE))
    ]


@contextmanager
def _running(environment: Environment, name: str, *, participants: int, pipeline: int) -> Iterator[Target]:
    port, directory = free_port(), environment.new_directory("redis")
    settings = {**_SETTINGS, "--port": str(port), "--dir": str(directory)}
    command = ["redis-server", *chain.from_iterable(settings.items())]
    with running_program(command, directory / "redis.log", port) as server:
        tool = RedisBenchmark(port, pipeline, participants)
        target = ToolTarget(name=name, processes={SERVER: server}, use=tool.run)
        yield Logged(target, lambda: _file_bytes(directory / "appendonlydir"))


def _file_bytes(directory: Path) -> int:
    return sum(file.stat().st_size for file in directory.iterdir())
