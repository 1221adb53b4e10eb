"""A real Alertmanager with the product's configuration, and the receivers that it tells."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import yaml

from development.up.monitoring import ALERTMANAGER_PROGRAMS, CONFIGURATION
from testkit.eventually import eventually
from testkit.ports import free_port

#: Everything is told at once; how long a group waits is no matter of these tests.
_AT_ONCE = {"group_wait": "0s", "group_interval": "1s"}
_STOP_SECONDS = 30


@dataclass(kw_only=True)
class Alertmanager:
    """One that runs."""

    url: str
    #: Which alerts each receiver was told of.
    told: dict[str, list[str]] = field(default_factory=dict)

    def fire(self, *alerts: dict[str, str]) -> None:
        """Do what Prometheus does about alerts that fire, by their labels."""
        fired = [{"labels": labels} for labels in alerts]
        httpx.post(f"{self.url}/api/v2/alerts", json=fired).raise_for_status()

    def state(self, name: str) -> str:
        """Return `active` or `suppressed`, or nothing for an alert that does not fire."""
        alerts = httpx.get(f"{self.url}/api/v2/alerts").raise_for_status().json()
        return next((one["status"]["state"] for one in alerts if one["labels"]["alertname"] == name), "")


@contextmanager
def running_alertmanager(directory: Path) -> Iterator[Alertmanager]:
    """Run one on a free port until the end of the block; use `until_ready` before anything else."""
    port = free_port()
    alertmanager = Alertmanager(url=f"http://127.0.0.1:{port}")
    with _receivers(alertmanager.told) as receivers:
        configuration = directory / "alertmanager.yml"
        configuration.write_text(json.dumps(_telling(receivers)))
        program = next(filter(None, map(shutil.which, ALERTMANAGER_PROGRAMS)))
        process = subprocess.Popen(
            [
                program,
                f"--config.file={configuration}",
                f"--storage.path={directory / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
                "--cluster.listen-address=",
                "--log.level=warn",
            ]
        )
        try:
            yield alertmanager
        finally:
            process.terminate()
            process.wait(_STOP_SECONDS)


async def until_ready(alertmanager: Alertmanager) -> None:
    """Wait until it takes alerts."""

    def is_ready() -> bool:
        try:
            return httpx.get(f"{alertmanager.url}/-/ready").is_success
        except httpx.TransportError:
            return False

    await eventually(is_ready)


def _telling(receivers: str) -> dict[str, Any]:
    """Return the product's configuration with a webhook in each receiver."""
    configuration: dict[str, Any] = yaml.safe_load((CONFIGURATION / "alertmanager.yml").read_text())
    for receiver in configuration["receivers"]:
        receiver["webhook_configs"] = [{"url": f"{receivers}/{receiver['name']}", "send_resolved": False}]
    for route in (configuration["route"], *configuration["route"]["routes"]):
        route.update(_AT_ONCE)
    return configuration


@contextmanager
def _receivers(told: dict[str, list[str]]) -> Iterator[str]:
    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            message = json.loads(self.rfile.read(int(self.headers["content-length"])))
            names: Iterable[str] = (alert["labels"]["alertname"] for alert in message["alerts"])
            told.setdefault(self.path.removeprefix("/"), []).extend(names)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
