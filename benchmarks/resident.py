"""A process's resident memory, watched while something else goes on."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

import psutil

from benchmarks.measurement import Say

BYTES_PER_KIB = 2**10
BYTES_PER_MIB = 2**20

_SAMPLE_INTERVAL_SECONDS = 0.5
#: Somebody who watches a long run wants to see that it goes on.
_SAMPLES_PER_TOLD = 60


class Resident:
    """Samples one process in a thread, for the length of a block."""

    def __init__(self, process: psutil.Process, say: Say) -> None:
        """`say` is told of the memory now and then."""
        self._process = process
        self._say = say
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        #: Bytes, in the order of time.
        self.samples = [process.memory_info().rss]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take a last sample."""
        self._ended.set()
        self._thread.join()
        self.samples.append(self._process.memory_info().rss)

    @property
    def peak(self) -> int:
        """The largest sample, in bytes."""
        return max(self.samples)

    def _sample(self) -> None:
        while not self._ended.wait(_SAMPLE_INTERVAL_SECONDS):
            self.samples.append(self._process.memory_info().rss)
            if len(self.samples) % _SAMPLES_PER_TOLD == 0:
                self._say(f"resident memory {self.samples[-1] / BYTES_PER_MIB:,.0f} MiB")
