"""Records which files of a package run; tests check the lists of files in `docs/architecture.md` with it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from testkit.source_tree import ROOT


class CallTrace:
    """Records, in the order of their first call, the files of one package whose functions run while it is on."""

    def __init__(self, package: str) -> None:
        self._prefix = f"{ROOT / package}/"
        self._files: dict[str, None] = {}
        self._is_on = False

    @contextmanager
    def recording(self) -> Iterator[None]:
        self._is_on = True
        try:
            yield
        finally:
            self._is_on = False

    @property
    def files(self) -> list[str]:
        """Paths relative to the repository."""
        return [str(Path(file).relative_to(ROOT)) for file in self._files]

    def record(self, frame: FrameType, event: str, _argument: object) -> None:
        if self._is_on and event == "call" and frame.f_code.co_filename.startswith(self._prefix):
            self._files.setdefault(frame.f_code.co_filename)


@contextmanager
def tracing(package: str) -> Iterator[CallTrace]:
    """Trace this thread and those that start inside the block, so start the service inside it."""
    trace = CallTrace(package)
    sys.setprofile(trace.record)
    threading.setprofile(trace.record)
    try:
        yield trace
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
