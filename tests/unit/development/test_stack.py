from __future__ import annotations

import socket

import pytest

from development.up.stack import LOOPBACK, PortsTaken, require_free


def test_every_taken_port_is_named_with_its_variable() -> None:
    with _listening() as one, _listening() as other:
        ports = {"GATEWAY_PORT": one.getsockname()[1], "TRACKING_PORT": other.getsockname()[1]}
        with pytest.raises(PortsTaken) as taken:
            require_free(ports)
    for variable, port in ports.items():
        assert f"port {port} is taken" in str(taken.value)
        assert f"{variable}=" in str(taken.value)


def test_a_free_port_is_accepted() -> None:
    with _listening() as listener:
        port = listener.getsockname()[1]
    require_free({"GATEWAY_PORT": port})


def _listening() -> socket.socket:
    return socket.create_server((LOOPBACK, 0))
