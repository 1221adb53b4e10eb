"""The health check of containers, against a real gRPC server."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator

import pytest

from servicekit.rpc.plaintext_probe import is_serving
from servicekit.rpc.server import Server
from testkit.source_tree import ROOT

SERVICE, OTHER = "astegni.tracking.v1.TrackingService", "astegni.tracking.v1.Recording"


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server("127.0.0.1:0", services=[SERVICE], interceptors=[])
    await server.start()
    yield server
    await server.stop(grace_seconds=0)


@pytest.fixture
def silent() -> Iterator[str]:
    """Return the address of a process that stands still: the kernel accepts the connection, and nobody answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"127.0.0.1:{listening.getsockname()[1]}"


async def asked(server: Server, service: str = SERVICE) -> bool:
    return await asyncio.to_thread(is_serving, f"127.0.0.1:{server.port}", service)


async def test_a_server_is_serving_until_it_announces_its_stop(server: Server) -> None:
    assert await asked(server)
    await server.announce_stop()
    assert not await asked(server)


async def test_a_service_that_the_server_does_not_know_is_not_serving(server: Server) -> None:
    assert not await asked(server, OTHER)


async def test_one_service_may_not_serve_while_the_other_does(server: Server) -> None:
    await server.report(OTHER, is_serving=False)
    assert not await asked(server, OTHER)
    assert await asked(server)


async def test_nobody_who_listens_is_not_serving(server: Server) -> None:
    await server.stop(grace_seconds=0)
    assert not await asked(server)


def test_a_process_that_stands_still_is_not_serving(silent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("servicekit.rpc.plaintext_probe.TIMEOUT_SECONDS", 0.1)
    assert not is_serving(silent, SERVICE)


async def test_as_a_command_it_exits_with_0_or_with_1_and_says_why(server: Server) -> None:
    address = f"127.0.0.1:{server.port}"
    assert await asyncio.to_thread(run, address, SERVICE) == (0, "")
    assert await asyncio.to_thread(run, address, OTHER) == (1, f"{OTHER} at {address} is not serving\n")


def test_it_loads_neither_settings_nor_certificates() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, servicekit.rpc.plaintext_probe; print(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert not {"pydantic", "cryptography"} & set(loaded)


def run(address: str, service: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "servicekit.rpc.plaintext_probe", address, service]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr
