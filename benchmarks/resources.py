"""What processes use: processor time and resident memory."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self, TypeVar

import psutil

BYTES_PER_KIB = 2**10
BYTES_PER_MIB = 2**20

_SAMPLE_INTERVAL_SECONDS = 0.5
#: A line of progress twice a minute shows that a long run goes on.
_SAMPLES_PER_LINE = 60

_ResultT = TypeVar("_ResultT")


def processor_seconds(process: psutil.Process) -> float:
    """Return the processor seconds of a process and its children, including those that have ended."""
    own = process.cpu_times()
    total: float = own.user + own.system + own.children_user + own.children_system
    for child in process.children(recursive=True):
        try:
            times = child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


def measure_processor(
    processes: Mapping[str, psutil.Process | Sequence[psutil.Process]], work: Callable[[], _ResultT]
) -> tuple[_ResultT, dict[str, float]]:
    """Do some work; return its result and the processor seconds that each process, or several, used meanwhile."""
    before = {name: _processor_seconds(several) for name, several in processes.items()}
    result = work()
    return result, {name: _processor_seconds(several) - before[name] for name, several in processes.items()}


def _processor_seconds(processes: psutil.Process | Sequence[psutil.Process]) -> float:
    several = [processes] if isinstance(processes, psutil.Process) else processes
    return sum(processor_seconds(process) for process in several)


def resident_bytes(process: psutil.Process) -> int:
    """Return the resident memory of a process and its children."""
    total: int = process.memory_info().rss
    for child in process.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            total += child.memory_info().rss
    return total


class MemorySampler:
    """Samples the resident memory of a process and its children in a thread, for the length of a `with` block."""

    def __init__(self, process: psutil.Process, log: Callable[[str], None]) -> None:
        """`log` gets a line of progress from time to time."""
        self._process = process
        self._log = log
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        #: Bytes, oldest first.
        self.samples = [resident_bytes(process)]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take a last sample."""
        self._ended.set()
        self._thread.join()
        self.samples.append(resident_bytes(self._process))

    @property
    def peak(self) -> int:
        """The largest sample, in bytes."""
        return max(self.samples)

    def _sample(self) -> None:
        while not self._ended.wait(_SAMPLE_INTERVAL_SECONDS):
            self.samples.append(resident_bytes(self._process))
            if len(self.samples) % _SAMPLES_PER_LINE == 0:
                self._log(f"resident memory {self.samples[-1] / BYTES_PER_MIB:,.0f} MiB")
