"""Processes of the harness: each answers one line of JSON with another, and ends when its input does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import psutil
from pydantic import BaseModel

ROOT = Path(__file__).resolve().parent.parent
#: A process that does not end by itself within this is stuck.
END_LIMIT_SECONDS = 30
_MOST_CHARACTERS_SHOWN = 2000

_AnswerT = TypeVar("_AnswerT", bound=BaseModel)


class ProcessFailed(RuntimeError):
    """A process of the harness ended before it had answered."""


class Conversation:
    """One such process; a context manager."""

    def __init__(self, module: str, log: Path) -> None:
        """Start `python -m <module>`; what it says on standard error goes to `log`."""
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
        """Close its input and wait for its end."""
        try:
            self._process.communicate(timeout=END_LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()

    def ask(self, message: BaseModel, answer: type[_AnswerT]) -> _AnswerT:
        """Send a message and wait for the answer; ProcessFailed."""
        self.tell(message)
        return self.hear(answer)

    def tell(self, message: BaseModel) -> None:
        """Send a message that `hear` fetches the answer to."""
        stream = self._process.stdin
        if stream is None or self._process.poll() is not None:
            raise self._failure()
        stream.write(message.model_dump_json() + "\n")
        stream.flush()

    def hear(self, answer: type[_AnswerT]) -> _AnswerT:
        """Wait for the answer; ProcessFailed."""
        stream = self._process.stdout
        line = stream.readline() if stream is not None else ""
        if not line:
            raise self._failure()
        return answer.model_validate_json(line)

    def _failure(self) -> ProcessFailed:
        return ProcessFailed(f"{self._module} ended:\n{self._log.read_text()[-_MOST_CHARACTERS_SHOWN:]}")


def answer(message: BaseModel) -> None:
    """Answer, in such a process."""
    print(message.model_dump_json(), flush=True)
