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


def free_port(count: int = 1, *, step: int = 1) -> int:
    """Return a TCP port on loopback that no other test process gets while this one lives; of several, the first.

    So a server may be stopped and started again on it. A bound UDP socket of the same number is the reservation: test
    processes see it, servers do not, and it ends with this process.

    Raises RuntimeError where all ports are taken.
    """
    choice = END_PORT - FIRST_PORT
    # Another process starts elsewhere, so that one attempt is usually enough.
    start = random.randrange(choice)
    for offset in range(choice):
        port = FIRST_PORT + (start + offset) % choice
        if _reserve(range(port, port + count * step, step)):
            return port
    raise RuntimeError(f"no port from {FIRST_PORT} to {END_PORT - 1} is free")


def _reserve(ports: range) -> bool:
    """Reserve all of these ports, or none."""
    reservations = [socket.socket(type=socket.SOCK_DGRAM) for _ in ports]
    if all(
        _can_bind(reservation, port) and _is_unused(port) for reservation, port in zip(reservations, ports, strict=True)
    ):
        _reservations.extend(reservations)
        return True
    for reservation in reservations:
        reservation.close()
    return False


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
