"""How far a long run is: a bar on a terminal, now and then a line elsewhere. On standard error, beside the tables."""

from __future__ import annotations

import sys
import time
from typing import TextIO

_WIDTH = 40
#: Of a bar, and of lines in a log.
_BAR_SECONDS = 0.2
_LINE_SECONDS = 15.0


class Progress:
    """Counts one kind of thing up to a total."""

    def __init__(self, what: str, total: int, output: TextIO = sys.stderr) -> None:
        """Count `what` up to `total`."""
        self._what = what
        self._total = total
        self._output = output
        self._is_bar = output.isatty()
        self._done = 0
        self._started = time.monotonic()
        self._told = self._started

    def advance(self, by: int = 1) -> None:
        """Say that so many more are done."""
        self._done += by
        now = time.monotonic()
        is_last = self._done >= self._total
        if is_last or now - self._told >= (_BAR_SECONDS if self._is_bar else _LINE_SECONDS):
            self._told = now
            self._tell(now - self._started, is_last=is_last)

    def _tell(self, seconds: float, *, is_last: bool) -> None:
        share = self._done / self._total
        line = f"{self._what} {self._done:,} of {self._total:,} ({share:.0%}, {seconds:.0f} s)"
        if self._is_bar:
            filled = round(_WIDTH * share)
            line = f"\r[{'#' * filled}{'.' * (_WIDTH - filled)}] {line}"
        self._output.write(line + ("\n" if is_last or not self._is_bar else ""))
        self._output.flush()
