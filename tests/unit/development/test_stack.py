from __future__ import annotations

import socket

import pytest

from development.environment import LOOPBACK, PORT_STEP, DevelopmentSettings
from development.up.stack import PortsTaken, ports_by_variable, require_free


def test_every_taken_port_is_named_with_its_variable() -> None:
    with _listening() as one, _listening() as other:
        ports = {"GATEWAY_PORT": (one.getsockname()[1],), "TRACKING_PORT": (other.getsockname()[1],)}
        with pytest.raises(PortsTaken) as taken:
            require_free(ports)
    for variable, (port,) in ports.items():
        assert f"port {port} is taken" in str(taken.value)
        assert f"{variable}=" in str(taken.value)


def test_of_replicas_each_port_must_be_free_and_the_next_ones_are_suggested() -> None:
    settings = DevelopmentSettings(replicas=2)
    with _listening() as listener:
        second = listener.getsockname()[1]
        ports = ports_by_variable(settings.model_copy(update={"socket_port": second - PORT_STEP}))
        with pytest.raises(PortsTaken, match=f"port {second} is taken .* SOCKET_PORT={second + PORT_STEP} make up"):
            require_free({"SOCKET_PORT": ports["SOCKET_PORT"]})


def test_a_free_port_is_accepted() -> None:
    with _listening() as listener:
        port = listener.getsockname()[1]
    require_free({"GATEWAY_PORT": (port,)})


def _listening() -> socket.socket:
    return socket.create_server((LOOPBACK, 0))
