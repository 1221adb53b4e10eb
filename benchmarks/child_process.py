"""Child processes of the benchmarks: each reads a request per line of JSON and writes an answer per line."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import psutil
from pydantic import BaseModel

ROOT = Path(__file__).resolve().parent.parent
#: A process that does not end by itself within this time is stuck.
MAX_END_SECONDS = 30
_MAX_LOG_CHARACTERS = 2000

_AnswerT = TypeVar("_AnswerT", bound=BaseModel)


class ChildProcessFailed(RuntimeError):
    """A child process ended before it had answered."""


class ChildProcess:
    """A running child process; a context manager."""

    def __init__(self, module: str, log: Path) -> None:
        """Start `python -m <module>`; its standard error goes to `log`."""
        self._module = module
        self._log = log
        with log.open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        self.process = psutil.Process(self._process.pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the standard input of the process and wait until it ends."""
        try:
            self._process.communicate(timeout=MAX_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()

    def request(self, message: BaseModel, answer: type[_AnswerT]) -> _AnswerT:
        """Send a request and wait for the answer; ChildProcessFailed."""
        self.send(message)
        return self.receive(answer)

    def send(self, message: BaseModel) -> None:
        """Send a request whose answer `receive` returns; ChildProcessFailed."""
        stream = self._process.stdin
        if stream is None or self._process.poll() is not None:
            raise self._failure()
        stream.write(message.model_dump_json() + "\n")
        stream.flush()

    def receive(self, answer: type[_AnswerT]) -> _AnswerT:
        """Wait for the answer to a request that was sent; ChildProcessFailed."""
        stream = self._process.stdout
        line = stream.readline() if stream is not None else ""
        if not line:
            raise self._failure()
        return answer.model_validate_json(line)

    def _failure(self) -> ChildProcessFailed:
        return ChildProcessFailed(f"{self._module} ended:\n{self._log.read_text()[-_MAX_LOG_CHARACTERS:]}")


async def read_request() -> str:
    """Wait for the next request, in a child process; empty once there are no more."""
    return await asyncio.to_thread(sys.stdin.readline)


def answer(message: BaseModel) -> None:
    """Answer a request, in a child process."""
    print(message.model_dump_json(), flush=True)
