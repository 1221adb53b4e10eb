"""Services that start at once: forked from a process that has imported everything already.

`python -m tracking_service` needs most of a second of processor time for its imports, and the tests start hundreds of
services. That they start by that command as well, `make up`, containers and
tests/integration/attendance/test_process.py show.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
from collections.abc import Mapping
from multiprocessing import get_context
from pathlib import Path

from testkit.source_tree import ROOT

#: What the services are started by, and pytest: a child imports again what the program that runs here has imported.
IMPORTED_BEFORE = (
    "tracking_service.__main__",
    "attendance_service.__main__",
    "gateway.presence_socket.__main__",
    "pytest",
)
_context = get_context("forkserver")
_context.set_forkserver_preload(list(IMPORTED_BEFORE))


class ForkedService:
    """A module that runs as a process of its own; has what is used of `subprocess.Popen`."""

    def __init__(self, module: str, environment: Mapping[str, str], log: Path) -> None:
        """Start it; what it prints is appended to the log."""
        self._process = _context.Process(target=_run, args=(module, dict(environment), log), name=module)
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """Return the exit status, if it has ended: that of a signal is negative."""
        return self._process.exitcode

    def send_signal(self, which: signal.Signals) -> None:
        if self._process.exitcode is None:
            os.kill(self.pid, which)

    def wait(self, timeout: float) -> int:
        """Return the exit status; TimeoutError if it does not end."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise TimeoutError(f"{self._process.name} does not end")
        return self._process.exitcode


def _run(module: str, environment: Mapping[str, str], log: Path) -> None:
    """Be `python -m module` in the process that was forked."""
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    with log.open("ab") as output:
        os.dup2(output.fileno(), sys.stdout.fileno())
        os.dup2(output.fileno(), sys.stderr.fileno())
    sys.argv = [module]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
