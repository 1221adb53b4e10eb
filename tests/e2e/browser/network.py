"""The network between a browser and the gateway, which may go away: nothing is refused then, and nothing arrives."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

_CHUNK_BYTES = 65_536
_BACKLOG = 64


class Network:
    """Passes everything on while it is there; what was sent meanwhile arrives when it is back, as TCP has it."""

    def __init__(self, port: int) -> None:
        """Lead to a port of this machine, from a free one."""
        self._target = port
        self._is_there = threading.Event()
        self._is_there.set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG)

    @property
    def url(self) -> str:
        """Where the browser finds the gateway."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def go_away(self) -> None:
        """Let nothing through from now on."""
        self._is_there.clear()

    def come_back(self) -> None:
        """Let everything through again."""
        self._is_there.set()

    def serve(self) -> None:
        """Take connections until closed."""
        with suppress(OSError):
            while True:
                browser, _ = self._listener.accept()
                _in_background(self._lead_on, browser)

    def close(self) -> None:
        """Take no more connections."""
        self.come_back()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _lead_on(self, browser: socket.socket) -> None:
        self._is_there.wait()
        gateway = socket.create_connection(("127.0.0.1", self._target))
        back = _in_background(self._pass_on, gateway, browser)
        self._pass_on(browser, gateway)
        back.join()
        browser.close()
        gateway.close()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while chunk := source.recv(_CHUNK_BYTES):
                self._is_there.wait()
                target.sendall(chunk)
        self._is_there.wait()
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)


@contextmanager
def network_to(port: int) -> Iterator[Network]:
    """Run a network for the length of the block."""
    network = Network(port)
    serving = _in_background(network.serve)
    try:
        yield network
    finally:
        network.close()
        serving.join()


def _in_background(work: Callable[..., None], *arguments: socket.socket) -> threading.Thread:
    thread = threading.Thread(target=work, args=arguments, daemon=True)
    thread.start()
    return thread
