"""A service as a process of its own, for tests that stop or kill it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from servicekit.settings import TransportSettings
from servicekit.tls.mutual import channel_credentials, read_identity
from testkit import facts
from testkit.ports import free_port
from testkit.source_tree import ROOT
from testkit.suspension import suspended
from testkit.tokens import SECRET

#: Generous: only a service that does not start takes so long.
MAX_START_SECONDS = 60
#: The same for its end; the fixture kills a process that hangs.
MAX_STOP_SECONDS = 60
#: Between two checks of whether a process that starts is still alive.
_POLL_SECONDS = 1.0
#: gRPC first waits a second before it connects again, longer than a service takes to start.
_RECONNECT_SOON = (("grpc.initial_reconnect_backoff_ms", 100), ("grpc.max_reconnect_backoff_ms", 100))


ServiceProcessT = TypeVar("ServiceProcessT", bound="ServiceProcess")


class Stop(NamedTuple):
    """How a process ended."""

    status: int
    seconds: float


class RunningModule(Protocol):
    """What is used of `subprocess.Popen`."""

    @property
    def pid(self) -> int: ...

    def poll(self) -> int | None: ...

    def send_signal(self, which: signal.Signals, /) -> None: ...

    def wait(self, timeout: float) -> int: ...


def run_by_command(module: str, environment: Mapping[str, str], log: Path, tree: Path = ROOT) -> RunningModule:
    """Start `python -m <module>` of a source tree; what it prints is appended to the log."""
    with log.open("ab") as output:
        return subprocess.Popen([sys.executable, "-m", module], cwd=tree, env=environment, stdout=output, stderr=output)


@dataclass
class Launcher:
    """How services are started; testkit/pytest_plugins/forked_services.py changes that for all tests."""

    run: Callable[[str, Mapping[str, str], Path], RunningModule]


launcher = Launcher(run_by_command)


class ServiceProcess:
    """`python -m <module>` with settings; may be killed and started again on the same port."""

    def __init__(self, module: str, port: int, settings: dict[str, str], log: Path, tree: Path = ROOT) -> None:
        self.port = port
        #: The source tree whose code it runs from its next start on: this one, or an earlier version.
        self.tree = tree
        self._module = module
        self._settings = settings
        self._log = log
        self._process: RunningModule | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def channel(self, options: Sequence[tuple[str, int]] = ()) -> grpc.Channel:
        """Return a channel to it, with its own certificate if its settings have one."""
        files = self._transport().mutual_tls
        if files is None:
            return grpc.insecure_channel(self.address, options=options)
        return grpc.secure_channel(self.address, channel_credentials(read_identity(files)), options=options)

    def start(self) -> None:
        """Start it and wait until its health check answers SERVING."""
        environment = {**os.environ, "JWT_HS256_SECRET": SECRET, **self._settings}
        if self.tree == ROOT:
            self._process = launcher.run(self._module, environment, self._log)
        else:
            self._process = run_by_command(self._module, environment, self._log, self.tree)
        deadline = time.monotonic() + MAX_START_SECONDS
        while not self._is_serving():
            assert self.is_running, f"{self._module} ended at its start: {self.log()}"
            assert time.monotonic() < deadline, f"{self._module} does not serve: {self.log()}"

    @contextmanager
    def with_settings(self, **settings: str) -> Iterator[None]:
        """Run it with other settings for the length of the block; it is stopped and started twice."""
        original = self._settings
        try:
            self._restart(original | settings)
            yield
        finally:
            self._restart(original)

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """SIGKILL: the service can't do anything before its end."""
        self._end(signal.SIGKILL)

    def terminate(self) -> int:
        """SIGTERM; return the exit status."""
        return self._end(signal.SIGTERM)

    def signal_to_terminate(self) -> None:
        """SIGTERM, without waiting."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Stop it for the length of the block: meanwhile it does nothing."""
        with suspended(self.pid):
            yield

    def terminated(self) -> Stop:
        """SIGTERM; return how it ended and how long that took."""
        began = time.monotonic()
        return Stop(status=self.terminate(), seconds=time.monotonic() - began)

    def log(self) -> str:
        return self._log.read_text()

    def _restart(self, settings: dict[str, str]) -> None:
        self.terminate()
        self._settings = settings
        if "DATABASE_URL" in settings:
            facts.note_settings(settings["DATABASE_URL"], settings)
        self.start()

    def _transport(self) -> TransportSettings:
        chosen = {name.lower(): value for name, value in self._settings.items() if name.startswith("TLS_")}
        return TransportSettings.model_validate(chosen)

    def _is_serving(self) -> bool:
        request = health_pb2.HealthCheckRequest()
        with self.channel(_RECONNECT_SOON) as channel:
            check = health_pb2_grpc.HealthStub(channel).Check  # type: ignore[attr-defined] # its type stub is empty
            try:
                answer = check(request, wait_for_ready=True, timeout=_POLL_SECONDS)
            except grpc.RpcError:
                return False
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)

    def _end(self, how: signal.Signals) -> int:
        assert self._process is not None
        self._process.send_signal(how)
        status = self._process.wait(MAX_STOP_SECONDS)
        self._process = None
        return status

    def stop(self) -> None:
        if self._process is not None:
            self.kill()


def tracking_service_process(database: str, log: Path, **settings: str) -> ServiceProcess:
    """Return a tracking service that is not started yet."""
    port = int(settings.get("TRACKING_PORT") or free_port())
    environment = {"DATABASE_URL": database, "TRACKING_PORT": str(port), **settings}
    facts.note_settings(database, settings)
    return ServiceProcess("tracking_service", port, environment, log)


@contextmanager
def running(process: ServiceProcessT) -> Iterator[ServiceProcessT]:
    """Start a process, and kill it at the end of the block if it still runs."""
    try:
        process.start()
        yield process
    finally:
        process.stop()


@contextmanager
def tracking_process(database: str, log: Path, **settings: str) -> Iterator[ServiceProcess]:
    """Run a tracking service until the end of the block."""
    with running(tracking_service_process(database, log, **settings)) as process:
        yield process


@contextmanager
def attendance_process(database: str, tracking_address: str, log: Path, **settings: str) -> Iterator[ServiceProcess]:
    """Run an attendance service until the end of the block."""
    port = int(settings.get("ATTENDANCE_PORT") or free_port())
    chosen = {"DATABASE_URL": database, "ATTENDANCE_PORT": str(port), "TRACKING_ADDRESS": tracking_address, **settings}
    with running(ServiceProcess("attendance_service", port, chosen, log)) as process:
        yield process
