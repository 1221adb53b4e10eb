"""Whether the ports are free, asked before anything starts."""

from __future__ import annotations

import socket
from collections.abc import Mapping

from development.environment import DevelopmentSettings

LOOPBACK = "127.0.0.1"


class PortsTaken(RuntimeError):
    """Something else listens where we are to listen; the message names every such port and its variable."""


def ports_by_variable(settings: DevelopmentSettings) -> dict[str, int]:
    """Return each port by the environment variable that sets it."""
    return {
        "GATEWAY_PORT": settings.gateway_port,
        "TRACKING_PORT": settings.tracking_port,
        "ATTENDANCE_PORT": settings.attendance_port,
        "SOCKET_PORT": settings.socket_port,
    }


def require_free(ports: Mapping[str, int]) -> None:
    """Raise PortsTaken unless all ports can be listened on."""
    taken = [
        f"port {port} is taken by another program: end it, or choose another port, for instance "
        f"{variable}={_next(port)} make up"
        for variable, port in ports.items()
        if not _is_free(port)
    ]
    if taken:
        raise PortsTaken("\n".join(taken))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # A port that a server has just left is free, though the kernel still remembers its connections.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def _next(port: int) -> int:
    """Return a port that is likely free."""
    return port + 10
