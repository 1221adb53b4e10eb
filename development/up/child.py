"""One child process: its log file, its warnings on the terminal, its end."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from development.environment import ROOT
from development.up.loglines import brief, is_noteworthy

#: How long a process may take to stop in good order: the services' last flush, acks, and grace for running calls.
STOP_SECONDS = 20.0
#: Enough to see why a process ended.
KEPT_LINES = 20
#: Longer lines than this are nobody's log lines.
LONGEST_LINE_BYTES = 1024 * 1024
#: What the child wrote last is read after its end; another process that shares its output may hold it open.
LAST_OUTPUT_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """What to run."""

    #: Names the log file and stands in messages.
    name: str
    arguments: tuple[str, ...]
    #: Variables on top of the supervisor's own.
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_seconds: float = STOP_SECONDS


class Child:
    """A running command. It has its own session, so that Ctrl-C reaches the supervisor alone."""

    def __init__(self, command: Command, process: Process, log: Path, say: Callable[[str], None]) -> None:
        """Read the output of `process` into `log`; use `start`."""
        self.command = command
        self.log = log
        self.last_lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._process = process
        self._say = say
        self._is_stopping = False
        self._reading = asyncio.create_task(self._read())
        #: The exit status, once it is there.
        self.ended = asyncio.create_task(self._end())

    @classmethod
    async def start(cls, command: Command, log_directory: Path, say: Callable[[str], None]) -> Child:
        """Start the command with a log of its own; `say` takes its warnings."""
        leash = (sys.executable, "-m", "development.up.leash", str(os.getpid()))
        process = await asyncio.create_subprocess_exec(
            *leash,
            *command.arguments,
            cwd=ROOT,
            env={**os.environ, **command.environment, "PYTHONUNBUFFERED": "1"},
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
            limit=LONGEST_LINE_BYTES,
            start_new_session=True,
        )
        return cls(command, process, log_directory / f"{command.name}.log", say)

    async def stop(self) -> None:
        """Ask the process to end and wait; a process that takes too long is killed, and that is said."""
        self._is_stopping = True
        if not self.ended.done():
            self._signal(signal.SIGTERM)
            done, _ = await asyncio.wait({self.ended}, timeout=self.command.stop_seconds)
            if not done:
                self._say(f"{self.command.name} did not stop within {self.command.stop_seconds:g} s and was killed")
                self._signal(signal.SIGKILL)
        await self.ended

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            self._process.send_signal(number)

    async def _end(self) -> int:
        status = await self._process.wait()
        await asyncio.wait({self._reading}, timeout=LAST_OUTPUT_SECONDS)
        self._reading.cancel()
        return status

    async def _read(self) -> None:
        with self.log.open("wb", buffering=0) as file:
            while line := await self._line():
                file.write(line)
                text = line.decode(errors="replace").rstrip()
                self.last_lines.append(brief(text))
                # What it says because it was told to stop alarms nobody.
                if is_noteworthy(text) and not self._is_stopping:
                    self._say(f"{self.command.name}: {brief(text)}")

    async def _line(self) -> bytes:
        output = self._process.stdout
        if output is None:
            return b""
        try:
            return await output.readline()
        except ValueError:
            return b"(a line that was too long)\n"
