from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from testkit import ports
from testkit.ports import HOST, free_port
from testkit.source_tree import ROOT


def test_a_server_can_listen_on_it_and_again_after_it_has_stopped() -> None:
    port = free_port()
    for _ in range(2):
        with socket.create_server((HOST, port)) as server:
            assert server.getsockname() == (HOST, port)


def test_no_port_is_given_twice_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "FIRST_PORT", 19_000)
    monkeypatch.setattr(ports, "END_PORT", 19_010)
    given = [free_port() for _ in range(5)]
    assert len(set(given)) == 5


def test_of_several_ports_all_are_reserved(monkeypatch: pytest.MonkeyPatch) -> None:
    first = free_port(2, step=10)
    monkeypatch.setattr(ports, "FIRST_PORT", first + 10)
    monkeypatch.setattr(ports, "END_PORT", first + 11)
    with pytest.raises(RuntimeError, match="is free"):
        free_port()


def test_no_port_is_given_twice_in_two_processes_that_both_live(monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setattr(ports, "FIRST_PORT", port)
    monkeypatch.setattr(ports, "END_PORT", port + 1)
    ask = f"from testkit import ports; ports.FIRST_PORT, ports.END_PORT = {port}, {port + 1}; ports.free_port()"
    other = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=False)
    assert f"no port from {port} to {port} is free" in other.stderr


def test_a_port_on_which_another_server_listens_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server((HOST, 0)) as server:
        taken = server.getsockname()[1]
        monkeypatch.setattr(ports, "FIRST_PORT", taken)
        monkeypatch.setattr(ports, "END_PORT", taken + 1)
        with pytest.raises(RuntimeError, match="is free"):
            free_port()
