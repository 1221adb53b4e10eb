"""A name server of which tests say what it answers: the addresses of replicas, which come and go."""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_HEADER = struct.Struct(">HHHHHH")
_RESPONSE = 0x8180
_INTERNET_ADDRESS = 1
#: A pointer to the name in the question; type and class of an IPv4 address; ten minutes, as a container engine says.
_RECORD = b"\xc0\x0c" + struct.pack(">HHIH", _INTERNET_ADDRESS, 1, 600, 4)


class NameServer:
    """Answers every name with the same IPv4 addresses."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.addresses: tuple[str, ...] = ()

    def target(self, port: int) -> str:
        """Return a gRPC target: a name that this server resolves, and a port."""
        return f"dns://127.0.0.1:{self.port}/tracking.test:{port}"

    def answer(self, query: bytes) -> bytes:
        """Return the response to a query with one question."""
        (number, *_) = _HEADER.unpack_from(query)
        end_of_name = query.index(b"\0", _HEADER.size)
        question = query[_HEADER.size : end_of_name + 5]
        (kind,) = struct.unpack_from(">H", query, end_of_name + 1)
        addresses = self.addresses if kind == _INTERNET_ADDRESS else ()
        records = b"".join(_RECORD + socket.inet_aton(address) for address in addresses)
        return _HEADER.pack(number, _RESPONSE, 1, len(addresses), 0, 0) + question + records


@contextmanager
def running_name_server() -> Iterator[NameServer]:
    """Serve names on a free port of this machine."""

    class Handler(socketserver.DatagramRequestHandler):
        def handle(self) -> None:
            self.wfile.write(names.answer(self.rfile.read()))

    with socketserver.UDPServer(("127.0.0.1", 0), Handler) as server:
        names = NameServer(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield names
        finally:
            server.shutdown()
            thread.join()
