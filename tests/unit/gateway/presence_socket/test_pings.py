"""A pong is noticed however it arrives, and nothing else is taken for one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection
from websockets.typing import Subprotocol

from gateway.presence_socket.admission import QueuedConnection
from gateway.presence_socket.protocol import SUBPROTOCOL
from gateway.presence_socket.server import SocketServer
from testkit.whiteboard_pages import MAX_WAIT_SECONDS

MASK = b"\x01\x02\x03\x04"


def frame(first_byte: int, payload: bytes, mask: bytes = MASK) -> bytes:
    """Return a client's frame with a short payload."""
    masked = bytes(byte ^ mask[position % len(mask)] for position, byte in enumerate(payload))
    return bytes((first_byte, 0x80 | len(payload))) + mask + masked


PONG = frame(0x8A, b"")
MESSAGE = frame(0x81, b"abcdef")


class Pinged:
    """The server's side of a socket on which a ping is under way. Tests hand it what arrives."""

    def __init__(self, connection: QueuedConnection) -> None:
        self._connection = connection
        self.pongs = 0
        self.ping()

    def ping(self) -> None:
        self._connection.send_ping(self._count)

    def receive(self, *chunks: bytes) -> None:
        for chunk in chunks:
            self._connection.data_received(chunk)

    async def message(self) -> str | bytes:
        async with asyncio.timeout(MAX_WAIT_SECONDS):
            return await self._connection.recv()

    def _count(self) -> None:
        self.pongs += 1


@pytest.fixture
async def pinged() -> AsyncIterator[Pinged]:
    accepted: asyncio.Future[ServerConnection] = asyncio.get_running_loop().create_future()

    async def serve(connection: ServerConnection) -> None:
        accepted.set_result(connection)
        await connection.wait_closed()

    server = SocketServer(serve, origins=(), arrival_time=lambda: datetime.now(UTC))
    await server.start("127.0.0.1", 0)
    address = f"ws://127.0.0.1:{server.port}/ws/whiteboard/1"
    # The page itself does not answer: what the test hands over is all that the server reads.
    async with connect(address, subprotocols=[Subprotocol(SUBPROTOCOL)], proxy=None, ping_interval=None) as page:
        page.transport.pause_reading()
        connection = await accepted
        assert isinstance(connection, QueuedConnection)
        yield Pinged(connection)
        page.transport.resume_reading()
    await server.close()


@pytest.mark.parametrize(
    "chunks",
    [
        pytest.param([PONG], id="alone"),
        pytest.param([bytes((byte,)) for byte in PONG], id="byte by byte"),
        pytest.param([MESSAGE + PONG], id="behind a message"),
        pytest.param([MESSAGE[:8], MESSAGE[8:] + PONG], id="behind a message's end"),
        pytest.param([MESSAGE, PONG], id="after a message"),
        pytest.param([MESSAGE[:8], MESSAGE[8:], PONG], id="after a message in two parts"),
        pytest.param([frame(0x01, b"ab"), PONG, frame(0x80, b"cd")], id="between the fragments of a message"),
        pytest.param([frame(0x8A, b"data")], id="with a payload"),
        pytest.param([b"\x81\xfe\x00\x02" + MASK + b"ab", PONG], id="after a length with more bytes than it needs"),
    ],
)
async def test_a_pong_is_noticed(pinged: Pinged, chunks: Sequence[bytes]) -> None:
    pinged.receive(*chunks)
    assert pinged.pongs == 1


async def test_part_of_a_message_that_looks_like_a_pong_is_none(pinged: Pinged) -> None:
    looks_alike = frame(0x81, b"abcdef", mask=bytes((PONG[0] ^ ord("a"), PONG[1] ^ ord("b"), 0, 0)))
    header, payload = looks_alike[: -len(PONG)], looks_alike[-len(PONG) :]
    assert payload.startswith(PONG[:2])
    pinged.receive(header, payload)
    assert await pinged.message() == "abcdef"
    assert pinged.pongs == 0


async def test_a_pong_that_no_ping_asked_for_is_ignored(pinged: Pinged) -> None:
    pinged.receive(PONG, PONG, frame(0x8A, b"data"))
    assert pinged.pongs == 1
    pinged.ping()
    pinged.receive(PONG)
    assert pinged.pongs == 2
