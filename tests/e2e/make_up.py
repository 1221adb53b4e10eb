"""`make up` for tests: on free ports, in a state directory of its own, with everything it started in view."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from development.postgres import EmbeddedPostgres
from testkit.ports import free_port
from testkit.source_tree import ROOT

#: The last line of what is shown when all is ready.
READY = "stops all of it"
#: Generous: only something broken ever waits this long.
STOP_LIMIT_SECONDS = 60.0
PORT_VARIABLES = ("GATEWAY_PORT", "TRACKING_PORT", "ATTENDANCE_PORT", "SOCKET_PORT")
#: PostgreSQL's own user has to get to the data.
_TRAVERSABLE = 0o755


@dataclass(kw_only=True)
class MakeUp:
    """A `make up` that was started."""

    process: subprocess.Popen[str]
    environment: dict[str, str]
    #: What it has shown so far.
    output: str = ""
    _started: list[psutil.Process] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where the gateway answers."""
        return f"http://127.0.0.1:{self.environment['GATEWAY_PORT']}"

    @property
    def state_directory(self) -> Path:
        """Where it keeps its database."""
        return Path(self.environment["STATE_DIRECTORY"])

    def wait_until_ready(self) -> None:
        """Return when everything runs."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output += line
            if READY in line:
                self._started = [
                    *psutil.Process(self.process.pid).children(recursive=True),
                    postmaster(self.state_directory),
                ]
                return
        raise AssertionError(f"make up ended before all was ready:\n{self.output}")

    def child(self, module: str) -> psutil.Process:
        """Return the child that runs a module or program."""
        return next(process for process in self._started if any(module in word for word in process.cmdline()))

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and return the exit status."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        """Return the exit status once it has ended; the rest of what it showed is in `output`."""
        rest, _ = self.process.communicate(timeout=STOP_LIMIT_SECONDS)
        self.output += rest
        return self.process.returncode

    def survivors(self) -> list[str]:
        """Give what was started the time to end, and return what runs still."""
        _, alive = psutil.wait_procs(self._started, timeout=STOP_LIMIT_SECONDS, callback=None)
        return [process.name() for process in alive if process.status() != psutil.STATUS_ZOMBIE]


def postmaster(state_directory: Path) -> psutil.Process:
    """Return the first process of the PostgreSQL that runs there."""
    text = (state_directory / "postgres" / "postmaster.pid").read_text()
    return psutil.Process(int(text.splitlines()[0]))


def environment_for(state_directory: Path) -> dict[str, str]:
    """Return an environment with free ports; a developer's own settings do not reach it."""
    ports = {variable: str(free_port()) for variable in PORT_VARIABLES}
    unset = dict.fromkeys(("DATABASE_URL", "JWT_HS256_SECRET", "JWT_JWKS_FILE"), "")
    return {**os.environ, **unset, **ports, "STATE_DIRECTORY": str(state_directory)}


@contextmanager
def state_directory(directory: Path | None = None) -> Iterator[Path]:
    """Yield a state directory; stop a database that was left running there, and remove it."""
    directory = directory or Path(tempfile.mkdtemp(prefix="astegni-up-"))
    directory.mkdir(exist_ok=True)
    directory.chmod(_TRAVERSABLE)
    try:
        yield directory
    finally:
        if (directory / "postgres").exists():
            EmbeddedPostgres(directory / "postgres").stop()
        shutil.rmtree(directory)


@contextmanager
def started(environment: dict[str, str]) -> Iterator[MakeUp]:
    """Start it; on leaving, stop what the test has not stopped."""
    process = command("development.up", environment)
    try:
        yield MakeUp(process=process, environment=environment)
    finally:
        if process.poll() is None:
            process.terminate()
        with suppress(ValueError):
            process.communicate(timeout=STOP_LIMIT_SECONDS)


@contextmanager
def running(environment: dict[str, str]) -> Iterator[MakeUp]:
    """Start it and wait until all is ready."""
    with started(environment) as make_up:
        make_up.wait_until_ready()
        yield make_up


def command(module: str, environment: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    """Start one of the commands behind the Makefile."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
