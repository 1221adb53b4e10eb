"""The registry of a process, and the server that shows it at /metrics."""

from __future__ import annotations

import threading
from typing import Annotated
from wsgiref.simple_server import WSGIServer

from prometheus_client import GC_COLLECTOR, PLATFORM_COLLECTOR, CollectorRegistry, start_http_server
from prometheus_client.process_collector import ProcessCollector
from pydantic import Field

from servicekit.metrics.memory import show_memory
from servicekit.settings import MAX_PORT, EnvironmentSettings


class MetricsSettings(EnvironmentSettings):
    """Where a process shows its metrics."""

    #: Address to listen on. The default is loopback, so that opening it to a network is a decision.
    metrics_host: str = "127.0.0.1"
    #: None: nowhere. 0: any free port.
    metrics_port: Annotated[int, Field(ge=0, le=MAX_PORT)] | None = None


class MetricsNotShown(Exception):
    """Another program listens at the address; the message says what to do."""


def process_registry() -> CollectorRegistry:
    """Return a registry that has the processor time, the memory and the open files of this process."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    for collector in (PLATFORM_COLLECTOR, GC_COLLECTOR):
        registry.register(collector)
    show_memory(registry)
    return registry


class MetricsServer:
    """Answers scrapes in threads of its own, so it does so also while the event loop is busy."""

    def __init__(self, registry: CollectorRegistry, settings: MetricsSettings) -> None:
        """Nothing listens yet."""
        self._registry = registry
        self._settings = settings
        self._server: WSGIServer | None = None

    @property
    def port(self) -> int | None:
        """The port it listens on, if it does."""
        return None if self._server is None else self._server.server_port

    def start(self) -> None:
        """Listen, if a port is set; MetricsNotShown if that is not possible."""
        host, port = self._settings.metrics_host, self._settings.metrics_port
        if port is None:
            return
        try:
            self._server, _ = start_http_server(port, host, self._registry)
        except OSError as error:
            raise MetricsNotShown(
                f"Can't listen on METRICS_HOST={host}, METRICS_PORT={port}: {error.strerror}. Choose another port, or "
                "leave it empty to show no metrics."
            ) from error

    def stop(self) -> None:
        """Stop listening, in the background: it takes up to half a second, for which nobody has to wait."""
        if self._server is not None:
            threading.Thread(target=_close, args=(self._server,), daemon=True).start()
            self._server = None


def _close(server: WSGIServer) -> None:
    server.shutdown()
    server.server_close()
