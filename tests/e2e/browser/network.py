"""A network between the browser and the gateway that tests interrupt: connections stay open, and nothing arrives."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

_CHUNK_BYTES = 65_536
_BACKLOG = 64


class Network:
    """A TCP proxy. What is sent during an interruption arrives after it, as with TCP."""

    def __init__(self, port: int) -> None:
        """Forward a free port to `port` of this machine."""
        self._target = port
        self._is_up = threading.Event()
        self._is_up.set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG)

    @property
    def url(self) -> str:
        """The gateway's address for the browser."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def interrupt(self) -> None:
        """Forward nothing from now on."""
        self._is_up.clear()

    def restore(self) -> None:
        """Forward everything again."""
        self._is_up.set()

    def serve(self) -> None:
        """Accept connections until closed."""
        with suppress(OSError):
            while True:
                browser, _ = self._listener.accept()
                _start_thread(self._forward_connection, browser)

    def close(self) -> None:
        """Accept no more connections."""
        self.restore()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _forward_connection(self, browser: socket.socket) -> None:
        self._is_up.wait()
        gateway = socket.create_connection(("127.0.0.1", self._target))
        back = _start_thread(self._forward, gateway, browser)
        self._forward(browser, gateway)
        back.join()
        browser.close()
        gateway.close()

    def _forward(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while chunk := source.recv(_CHUNK_BYTES):
                self._is_up.wait()
                target.sendall(chunk)
        self._is_up.wait()
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)


@contextmanager
def interruptible_network(port: int) -> Iterator[Network]:
    """Run a network for the length of the block."""
    network = Network(port)
    serving = _start_thread(network.serve)
    try:
        yield network
    finally:
        network.close()
        serving.join()


def _start_thread(work: Callable[..., None], *arguments: socket.socket) -> threading.Thread:
    thread = threading.Thread(target=work, args=arguments, daemon=True)
    thread.start()
    return thread
