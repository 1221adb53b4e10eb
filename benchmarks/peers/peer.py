"""What another system promises, what it needs, and how it is measured."""

from __future__ import annotations

import resource
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.child_process import MAX_END_SECONDS
from benchmarks.environment import Environment
from benchmarks.load.messages import Delivered
from benchmarks.measurement import Measurement, Target, with_log
from benchmarks.requirement import Requirement
from benchmarks.resources import measure_processor
from benchmarks.targets import CLIENT
from testkit.ports import HOST

#: Connections of redis-benchmark, by its default; pgbench gets as many.
CONNECTIONS = 50
_MAX_START_SECONDS = 60.0
_POLL_SECONDS = 0.05


@dataclass(frozen=True, kw_only=True, slots=True)
class Promise:
    """What an answer to a heartbeat means."""

    #: Whether it is on the disk before the answer.
    durable: str
    #: Whether a heartbeat that is late, or sent twice, changes nothing, and whether it is checked who sends it.
    exact: str
    #: What one heartbeat writes.
    writes: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PeerSize:
    """How many participants there are."""

    #: Where participants cost little: keys of Redis, rows of a table.
    participants: int
    #: Where each is something that the other system has to watch, such as a lease.
    watched: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Peer:
    """One way to record heartbeats."""

    name: str
    promise: Promise
    #: How many heartbeats the sender has unanswered at most.
    in_flight: int
    #: None: it comes with the project.
    requirement: Requirement | None
    #: Gets the name that its target is to have.
    start: Callable[[Environment, str], AbstractContextManager[Target]]

    @property
    def is_installed(self) -> bool:
        """Whether it can be measured."""
        return self.requirement is None or not self.requirement.missing


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolTarget:
    """A server that a tool of its own project loads."""

    name: str
    processes: dict[str, psutil.Process]
    #: Runs the tool for so many seconds.
    use: Callable[[float], Delivered]

    def measure(self, seconds: float) -> Measurement:
        """Run the tool; its processor time is that of the children that end meanwhile."""
        before = _ended_children_seconds()
        delivered, processor = measure_processor(self.processes, lambda: self.use(seconds))
        client = {CLIENT: _ended_children_seconds() - before}
        return Measurement(delivered=delivered, processor=processor | client)


@dataclass(frozen=True, slots=True)
class Logged:
    """A target, with the growth of its log."""

    target: Target
    #: Bytes.
    log_size: Callable[[], int]

    @property
    def name(self) -> str:
        """The name in the tables."""
        return self.target.name

    def measure(self, seconds: float) -> Measurement:
        """Measure the target and its log."""
        return with_log(self.log_size, lambda: self.target.measure(seconds))


@contextmanager
def running_program(command: Sequence[str], log: Path, port: int) -> Iterator[psutil.Process]:
    """Run a server until the end of the block; it listens on the port. RuntimeError if it does not."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        _wait_until_it_listens(process, log, port)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        try:
            process.wait(MAX_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def tool_output(command: Sequence[str]) -> str:
    """Run a tool and return what it prints; RuntimeError with its errors."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed: {done.stderr or done.stdout}")
    return done.stdout


def _wait_until_it_listens(process: subprocess.Popen[bytes], log: Path, port: int) -> None:
    deadline = time.monotonic() + _MAX_START_SECONDS
    while True:
        try:
            socket.create_connection((HOST, port), timeout=_POLL_SECONDS).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"it does not listen on port {port}:\n{log.read_text()}") from None
            time.sleep(_POLL_SECONDS)
        else:
            return


def _ended_children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
