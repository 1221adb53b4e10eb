"""The presence socket as a process of its own, for tests that kill it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.presence_socket.healthcheck import is_healthy
from servicekit.tls.mutual import mutual_client_context
from testkit.ports import free_port
from testkit.service_process import ServiceProcess, running

_POLL_SECONDS = 0.05


class PresenceSocketProcess(ServiceProcess):
    """`python -m gateway.presence_socket`; its health is checked over HTTP."""

    def _is_serving(self) -> bool:
        files = self._transport().mutual_tls
        if is_healthy(self.address, None if files is None else mutual_client_context(files)):
            return True
        time.sleep(_POLL_SECONDS)
        return False


@contextmanager
def presence_socket_process(tracking_address: str, log: Path, **chosen: str) -> Iterator[PresenceSocketProcess]:
    """Run a presence socket until the end of the block."""
    port = int(chosen.get("SOCKET_PORT") or free_port())
    settings = {"SOCKET_PORT": str(port), "TRACKING_ADDRESS": tracking_address, **chosen}
    with running(PresenceSocketProcess("gateway.presence_socket", port, settings, log)) as process:
        yield process
