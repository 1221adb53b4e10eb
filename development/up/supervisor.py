"""Start processes one after the other, watch them, and stop them in reverse."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from development.environment import ROOT
from development.up.terminal import brief, is_noteworthy

#: Long enough for the recovery of a large database after a crash, on a slow disk.
READY_TIMEOUT_SECONDS = 180.0
#: Long enough for a service's last flush and acknowledgements, and its grace period for running calls.
STOP_SECONDS = 20.0
#: Lines of a log that are shown when a process ends by itself.
KEPT_LINES = 20
MAX_LINE_BYTES = 1024 * 1024
#: For reading the last output of a process that has ended; a process that shares the output may keep it open.
MAX_OUTPUT_WAIT_SECONDS = 1.0

#: Before a replica that ended is started again; each time that it ends soon after, twice as long, up to the second.
MIN_RESTART_SECONDS = 0.1
MAX_RESTART_SECONDS = 10.0
#: A replica that ran for so long was not ended by its start.
SETTLED_SECONDS = 10.0

_ResultT = TypeVar("_ResultT")


class StartFailed(RuntimeError):
    """A process did not start, or ended by itself; the message names it and shows its last lines."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """What to run."""

    #: In the name of the log file, and in messages.
    name: str
    arguments: tuple[str, ...]
    #: Variables that are added to the supervisor's own.
    environment: Mapping[str, str] = field(default_factory=dict)
    #: How long the process may take to stop before it is killed.
    stop_seconds: float = STOP_SECONDS
    #: What this is one of several of, which do its work while it is away: it is started again when it ends, and they go
    #: on. All of them are stopped together. Empty: there is no other.
    replica_of: str = ""


class Supervisor:
    """Owns the processes that it starts."""

    def __init__(
        self, log_directory: Path, show: Callable[[str], None], *, ready_seconds: float = READY_TIMEOUT_SECONDS
    ) -> None:
        """Each process gets a log file in `log_directory`; `show` prints its warnings.

        `ready_seconds` is how long a process may take until it is ready.
        """
        self._log_directory = log_directory
        self._show = show
        self._ready_seconds = ready_seconds
        self._children: list[_Child] = []
        self._restarting: set[asyncio.Task[None]] = set()

    async def start(self, command: Command, ready: Callable[[], Coroutine[Any, Any, _ResultT]]) -> _ResultT:
        """Start a process that keeps running, wait until `ready` returns, and return its result; StartFailed."""
        child = await self._start_child(command)
        try:
            result = await self._while_all_live(asyncio.wait_for(ready(), self._ready_seconds))
        except TimeoutError as error:
            raise StartFailed(
                f"{command.name} was not ready within {self._ready_seconds:g} s; its log is {child.log}"
            ) from error
        if command.replica_of:
            task = asyncio.create_task(self._keep_running(child))
            self._restarting.add(task)
            child.is_kept_running = True
        return result

    async def finish(self, command: Command) -> None:
        """Run a process until it ends; StartFailed if its exit status is not 0."""
        child = await _Child.start(command, self._log_directory, self._show)
        try:
            if await self._while_all_live(_result_of(child.ended)) != 0:
                raise _failure(child)
        finally:
            await child.stop()

    async def watch(self) -> NoReturn:
        """Wait until a process ends by itself, and raise StartFailed."""
        await self._while_all_live(asyncio.Event().wait())
        raise AssertionError("this wait has no end")

    async def stop(self) -> None:
        """Stop the processes in reverse order."""
        for task in self._restarting:
            task.cancel()
        await asyncio.gather(*self._restarting, return_exceptions=True)
        for child in self._children:
            # They miss each other.
            child.is_stopping = True
        while self._children:
            kind = self._children[-1].command.replica_of
            together = [child for child in self._children if kind and child.command.replica_of == kind]
            together = together or self._children[-1:]
            await asyncio.gather(*(child.stop() for child in together))
            self._children = [child for child in self._children if child not in together]

    async def _start_child(self, command: Command) -> _Child:
        child = await _Child.start(command, self._log_directory, self._show)
        self._children.append(child)
        return child

    async def _keep_running(self, child: _Child) -> NoReturn:
        """Start a replica again whenever it ends, until cancelled."""
        loop = asyncio.get_running_loop()
        pause = MIN_RESTART_SECONDS
        while True:
            started = loop.time()
            await asyncio.shield(child.ended)
            pause = MIN_RESTART_SECONDS if loop.time() - started > SETTLED_SECONDS else pause
            self._show(f"{child.command.name} {child.how_it_ended}. It is started again; its log is {child.log}")
            await asyncio.sleep(pause)
            pause = min(pause * 2, MAX_RESTART_SECONDS)
            successor = await child.started_again()
            self._children[self._children.index(child)] = successor
            child = successor

    async def _while_all_live(self, work: Coroutine[Any, Any, _ResultT]) -> _ResultT:
        task = asyncio.create_task(work)
        try:
            while not task.done():
                vital = [child for child in self._children if not child.is_kept_running]
                await asyncio.wait({task, *(child.ended for child in vital)}, return_when=asyncio.FIRST_COMPLETED)
                for child in vital:
                    # A replica may have become ready meanwhile.
                    if child.ended.done() and not child.is_kept_running:
                        raise _failure(child)
            return task.result()
        finally:
            task.cancel()


class _Child:
    """A running command. It has a session of its own, so that Ctrl-C reaches only the supervisor."""

    def __init__(
        self, command: Command, process: Process, log: Path, show: Callable[[str], None], *, appends: bool
    ) -> None:
        """Write the output of `process` to `log`; use `start`."""
        self.command = command
        self.log = log
        self.last_lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._process = process
        self._show = show
        self._appends = appends
        self.is_stopping = False
        #: Whether it is started again when it ends.
        self.is_kept_running = False
        self._reading = asyncio.create_task(self._read())
        #: The exit status, once the process has ended.
        self.ended = asyncio.create_task(self._end())

    @classmethod
    async def start(
        cls, command: Command, log_directory: Path, show: Callable[[str], None], *, appends: bool = False
    ) -> _Child:
        wrapper = (sys.executable, "-m", "development.up.die_with_parent", str(os.getpid()))
        process = await asyncio.create_subprocess_exec(
            *wrapper,
            *command.arguments,
            cwd=ROOT,
            env={**os.environ, **command.environment, "PYTHONUNBUFFERED": "1"},
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
            limit=MAX_LINE_BYTES,
            start_new_session=True,
        )
        return cls(command, process, log_directory / f"{command.name}.log", show, appends=appends)

    async def started_again(self) -> _Child:
        """Return the process that takes the place of this one, which has ended."""
        successor = await _Child.start(self.command, self.log.parent, self._show, appends=True)
        successor.is_kept_running = True
        return successor

    @property
    def how_it_ended(self) -> str:
        """What to say of a process that has ended."""
        status = self.ended.result()
        return f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"

    async def stop(self) -> None:
        """Send SIGTERM and wait; kill a process that takes too long, and say so."""
        self.is_stopping = True
        if not self.ended.done():
            self._signal(signal.SIGTERM)
            done, _ = await asyncio.wait({self.ended}, timeout=self.command.stop_seconds)
            if not done:
                self._show(f"{self.command.name} did not stop within {self.command.stop_seconds:g} s and was killed")
                self._signal(signal.SIGKILL)
        await self.ended

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            self._process.send_signal(number)

    async def _end(self) -> int:
        status = await self._process.wait()
        await asyncio.wait({self._reading}, timeout=MAX_OUTPUT_WAIT_SECONDS)
        self._reading.cancel()
        return status

    async def _read(self) -> None:
        with self.log.open("ab" if self._appends else "wb", buffering=0) as file:
            while line := await self._line():
                file.write(line)
                text = line.decode(errors="replace").rstrip()
                self.last_lines.append(brief(text))
                # Warnings of a process that is being stopped are expected, so they stay in the log.
                if is_noteworthy(text) and not self.is_stopping:
                    self._show(f"{self.command.name}: {brief(text)}")

    async def _line(self) -> bytes:
        output = self._process.stdout
        if output is None:
            return b""
        try:
            return await output.readline()
        except ValueError:
            return b"(a line that was too long)\n"


async def _result_of(task: asyncio.Task[_ResultT]) -> _ResultT:
    return await asyncio.shield(task)


def _failure(child: _Child) -> StartFailed:
    lines = "\n".join(f"  {line}" for line in child.last_lines) or "  (it wrote nothing)"
    return StartFailed(f"{child.command.name} {child.how_it_ended}. Its last lines (all: {child.log}):\n{lines}")
