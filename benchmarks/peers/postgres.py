"""PostgreSQL alone: pgbench changes one row for each heartbeat, with a prepared UPDATE in a transaction of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.environment import Environment
from benchmarks.load.messages import Delivered, percentile
from benchmarks.measurement import Target
from benchmarks.peers.peer import CONNECTIONS, Logged, Peer, PeerSize, Promise, ToolTarget, tool_output
from benchmarks.targets import POSTGRES
from testkit.postgres import execute, fresh_database

NAME = "PostgreSQL alone"
_TABLE = (
    # Half-empty pages keep updates in their page (HOT), as those of the service do.
    "CREATE TABLE heartbeats (id bigint PRIMARY KEY, last_at timestamptz NOT NULL) WITH (fillfactor = 50)",
    "INSERT INTO heartbeats SELECT id, now() FROM generate_series(1, {participants}) AS id",
    "VACUUM ANALYZE heartbeats",
)
_SCRIPT = """\\set id random(1, {participants})
UPDATE heartbeats SET last_at = now() WHERE id = :id;
"""
_TRANSACTIONS = re.compile(r"^number of transactions actually processed: (\d+)", re.MULTILINE)
_RATE = re.compile(r"^tps = ([\d.]+)", re.MULTILINE)
_LATENCY_COLUMN = 2
_MICROSECONDS_PER_MILLISECOND = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Pgbench:
    """pgbench with one script."""

    program: str
    url: str
    script: Path
    #: pgbench writes a file of latencies for each run.
    logs: Path

    def run(self, seconds: float) -> Delivered:
        """Send UPDATEs for so many seconds, at least one."""
        options = ["--no-vacuum", "--protocol", "prepared", "--client", str(CONNECTIONS), "--file", str(self.script)]
        logging = ["--log", "--log-prefix", str(self.logs / "latencies")]
        printed = tool_output([self.program, *options, *logging, "--time", str(max(round(seconds), 1)), self.url])
        count, rate = _TRANSACTIONS.search(printed), _RATE.search(printed)
        if count is None or rate is None:
            raise RuntimeError(f"pgbench printed no rate:\n{printed}")
        latencies = self._latencies()
        return Delivered(
            events=int(count[1]),
            seconds=int(count[1]) / float(rate[1]),
            latency_p50=percentile(latencies, 0.5),
            latency_p99=percentile(latencies, 0.99),
            latency_max=percentile(latencies, 1.0),
        )

    def _latencies(self) -> list[float]:
        """Return the milliseconds of all transactions of the last run, in order."""
        files = list(self.logs.iterdir())
        lines = [line for file in files for line in file.read_text().splitlines()]
        for file in files:
            file.unlink()
        return sorted(int(line.split()[_LATENCY_COLUMN]) / _MICROSECONDS_PER_MILLISECOND for line in lines)


def peers(size: PeerSize) -> list[Peer]:
    """Return PostgreSQL; its programs come with the project."""
    promise = Promise(durable="yes", exact="no", writes="one row")
    start = partial(_running, participants=size.participants)
    return [Peer(name=NAME, promise=promise, in_flight=CONNECTIONS, requirement=None, start=start)]


@contextmanager
def _running(environment: Environment, name: str, *, participants: int) -> Iterator[Target]:
    directory, logs = environment.new_directory("pgbench"), environment.new_directory("pgbench-latencies")
    script = directory / "heartbeat.sql"
    script.write_text(_SCRIPT.format(participants=participants))
    with fresh_database(environment.server) as url:
        execute(url, *(statement.format(participants=participants) for statement in _TABLE))
        tool = Pgbench(program=environment.server.program("pgbench"), url=url, script=script, logs=logs)
        target = ToolTarget(name=name, processes={POSTGRES: environment.postgres}, use=tool.run)
        yield Logged(target, environment.log_bytes)
