"""Ports for servers that tests start, also where several test processes run side by side."""

from __future__ import annotations

import atexit
import random
import socket
from contextlib import closing

#: Below the ports that the kernel gives to outgoing connections, which come and go at any time.
FIRST_PORT, END_PORT = 20_000, 32_000
HOST = "127.0.0.1"

_reservations: list[socket.socket] = []


def free_port() -> int:
    """Return a TCP port on loopback that no other test process gets while this one lives.

    So a server may be stopped and started again on it. A bound UDP socket of the same number is the reservation: test
    processes see it, servers do not, and it ends with this process.

    Raises RuntimeError where all ports are taken.
    """
    count = END_PORT - FIRST_PORT
    # Another process starts elsewhere, so that one attempt is usually enough.
    start = random.randrange(count)
    for offset in range(count):
        port = FIRST_PORT + (start + offset) % count
        reservation = socket.socket(type=socket.SOCK_DGRAM)
        if _can_bind(reservation, port) and _is_unused(port):
            _reservations.append(reservation)
            return port
        reservation.close()
    raise RuntimeError(f"no port from {FIRST_PORT} to {END_PORT - 1} is free")


@atexit.register
def _release() -> None:
    """Close all reservations; without that, Python warns of each at its end."""
    for reservation in _reservations:
        reservation.close()


def _can_bind(bound: socket.socket, port: int) -> bool:
    try:
        bound.bind((HOST, port))
    except OSError:
        return False
    return True


def _is_unused(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return _can_bind(probe, port)
