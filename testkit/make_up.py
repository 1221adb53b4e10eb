"""`make up` for tests: on free ports, in a state directory of its own, with handles on everything that it started."""

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

from development.environment import PORT_STEP
from development.postgres import EmbeddedPostgres
from testkit.ports import free_port
from testkit.source_tree import ROOT

#: Part of the last line of the summary, which is shown once everything runs.
READY = "stops everything"
#: Generous: only a broken stop takes this long.
STOP_LIMIT_SECONDS = 60.0
PORT_VARIABLES = ("GATEWAY_PORT", "TRACKING_PORT", "ATTENDANCE_PORT", "SOCKET_PORT")
MONITORING_PORT_VARIABLES = (
    "TRACKING_METRICS_PORT",
    "ATTENDANCE_METRICS_PORT",
    "SOCKET_METRICS_PORT",
    "GATEWAY_METRICS_PORT",
    "PROMETHEUS_PORT",
    "ALERTMANAGER_PORT",
)
#: PostgreSQL may run as a user of its own, who has to reach the data.
_TRAVERSABLE = 0o755


@dataclass(kw_only=True)
class MakeUp:
    """A `make up` that was started."""

    process: subprocess.Popen[str]
    environment: dict[str, str]
    #: What it has printed so far.
    output: str = ""
    _started: list[psutil.Process] = field(default_factory=list)

    @property
    def url(self) -> str:
        """URL of the gateway."""
        return f"http://127.0.0.1:{self.environment['GATEWAY_PORT']}"

    @property
    def prometheus_url(self) -> str:
        """URL of the Prometheus that runs with MONITORING=1, where one is installed."""
        return f"http://127.0.0.1:{self.environment['PROMETHEUS_PORT']}"

    @property
    def alertmanager_url(self) -> str:
        """URL of the Alertmanager that runs with MONITORING=1, where one is installed."""
        return f"http://127.0.0.1:{self.environment['ALERTMANAGER_PORT']}"

    @property
    def state_directory(self) -> Path:
        """Its state directory."""
        return Path(self.environment["STATE_DIRECTORY"])

    def wait_until_ready(self) -> None:
        """Wait until everything runs."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output += line
            if READY in line:
                self._started = psutil.Process(self.process.pid).children(recursive=True)
                if (self.state_directory / "postgres").exists():
                    self._started.append(postmaster(self.state_directory))
                return
        raise AssertionError(f"make up ended before everything was ready:\n{self.output}")

    def wait_until_shown(self, text: str) -> None:
        """Wait until it has printed a text."""
        assert self.process.stdout is not None
        while text not in self.output:
            line = self.process.stdout.readline()
            assert line, f"make up ended before it showed {text!r}:\n{self.output}"
            self.output += line

    def child(self, module: str) -> psutil.Process:
        """Return the child that runs a module or program."""
        return next(process for process in self._started if any(module in word for word in process.cmdline()))

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and return the exit status."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        """Wait until it ends and return its exit status; `output` then holds all that it printed."""
        rest, _ = self.process.communicate(timeout=STOP_LIMIT_SECONDS)
        self.output += rest
        return self.process.returncode

    def survivors(self) -> list[str]:
        """Wait for the processes that it started to end, and return the names of those that still run."""
        _, alive = psutil.wait_procs(self._started, timeout=STOP_LIMIT_SECONDS, callback=None)
        return [process.name() for process in alive if process.status() != psutil.STATUS_ZOMBIE]


def postmaster(state_directory: Path) -> psutil.Process:
    """Return the main process of the PostgreSQL that runs there."""
    text = (state_directory / "postgres" / "postmaster.pid").read_text()
    return psutil.Process(int(text.splitlines()[0]))


def environment_for(state_directory: Path, *, replicas: int = 1) -> dict[str, str]:
    """Return an environment with free ports and without a developer's own settings."""
    ports = {variable: str(free_port(replicas, step=PORT_STEP)) for variable in PORT_VARIABLES}
    unset = dict.fromkeys(("DATABASE_URL", "JWT_HS256_SECRET", "JWT_JWKS_FILE"), "")
    return {**os.environ, **unset, **ports, "REPLICAS": str(replicas), "STATE_DIRECTORY": str(state_directory)}


def monitored(environment: dict[str, str]) -> dict[str, str]:
    """Return the environment with MONITORING=1."""
    ports = {variable: str(free_port()) for variable in MONITORING_PORT_VARIABLES}
    return {**environment, **ports, "MONITORING": "1"}


@contextmanager
def state_directory(directory: Path | None = None) -> Iterator[Path]:
    """Yield a state directory; afterwards stop a database that still runs there, and remove it."""
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
def started(environment: dict[str, str], module: str = "development.up") -> Iterator[MakeUp]:
    """Start it; afterwards, stop it if the test has not."""
    process = command(module, environment)
    try:
        yield MakeUp(process=process, environment=environment)
    finally:
        if process.poll() is None:
            process.terminate()
        with suppress(ValueError):
            process.communicate(timeout=STOP_LIMIT_SECONDS)


@contextmanager
def running(environment: dict[str, str], module: str = "development.up") -> Iterator[MakeUp]:
    """Start it and wait until everything runs."""
    with started(environment, module) as make_up:
        make_up.wait_until_ready()
        yield make_up


def command(module: str, environment: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    """Start the Python module behind a target of the Makefile."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
