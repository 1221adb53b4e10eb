"""A worker of a Citus cluster that is stopped and started by commands, because the cluster is somebody else's."""

from __future__ import annotations

import shlex
import socket
import subprocess
import time
from typing import NamedTuple

from testkit.postgres import query

#: Generous: only a command that does not do what it says takes longer.
_MAX_SECONDS = 60.0
_POLL_SECONDS = 0.1
_WORKERS = "SELECT nodename, nodeport FROM pg_dist_node WHERE groupid <> 0 AND isactive ORDER BY nodeid"
_SESSIONS = """
    SELECT nodename, nodeport, min(id)
    FROM generate_series(CAST({first} AS integer), CAST({last} AS integer)) AS id
    JOIN pg_dist_placement ON shardid = get_shard_id_for_distribution_column('whiteboard_sessions', id)
    JOIN pg_dist_node USING (groupid)
    GROUP BY nodename, nodeport
"""


class WorkerCommands(NamedTuple):
    """How a worker is stopped and started."""

    stop: str
    start: str


class Server(NamedTuple):
    """Where a worker listens."""

    host: str
    port: int

    @property
    def answers(self) -> bool:
        """Whether it accepts connections."""
        try:
            socket.create_connection(self, timeout=_MAX_SECONDS).close()
        except OSError:
            return False
        return True


class CitusWorker:
    """The worker that the commands are about."""

    def __init__(self, database: str, commands: WorkerCommands) -> None:
        """Which of all workers of the database it is, is known once it is stopped."""
        self._commands = commands
        self._workers = [Server(str(host), int(str(port))) for host, port in query(database, _WORKERS)]
        #: While it is stopped, where it listened.
        self.stopped: Server | None = None

    def stop(self) -> None:
        """Stop it, and wait until it does not answer; TimeoutError."""
        subprocess.run(shlex.split(self._commands.stop), check=True, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + _MAX_SECONDS
        while self.stopped is None:
            if time.monotonic() > deadline:
                raise TimeoutError(f"all workers answer after {self._commands.stop!r}")
            self.stopped = next((worker for worker in self._workers if not worker.answers), None)

    def start(self) -> None:
        """Start it, and wait until it answers; TimeoutError. Does nothing if it runs."""
        if self.stopped is None:
            return
        subprocess.run(shlex.split(self._commands.start), check=True, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + _MAX_SECONDS
        while not self.stopped.answers:
            if time.monotonic() > deadline:
                raise TimeoutError(f"the worker does not answer after {self._commands.start!r}")
            time.sleep(_POLL_SECONDS)
        self.stopped = None


def session_of_each_worker(database: str, first: int, last: int) -> dict[Server | None, int]:
    """Return for each worker a whiteboard session, of these, that is on it."""
    rows = query(database, _SESSIONS.format(first=first, last=last))
    return {Server(str(host), int(str(port))): int(str(session)) for host, port, session in rows}
