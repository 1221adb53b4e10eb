"""The gateway is asked again and again whether it runs."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from development.certificates import Authority
from servicekit import gateway_probe
from servicekit.gateway_probe import GatewayProbe, max_silence_seconds
from servicekit.tls.certificates import PemFile
from testkit.certificates import write_certificate
from testkit.ports import free_port

TIMEOUT_SECONDS = 0.2


class Answers:
    """Counts the answers to probes."""

    def __init__(self) -> None:
        self._answered = asyncio.Event()
        self.count = 0

    def note(self) -> None:
        self.count += 1
        self._answered.set()

    async def next(self) -> None:
        self._answered.clear()
        await self._answered.wait()


@asynccontextmanager
async def probed(port: int, answers: Answers, authorities: PemFile | None = None) -> AsyncIterator[None]:
    probe = GatewayProbe(
        f"127.0.0.1:{port}",
        on_answer=answers.note,
        presence_timeout_seconds=lambda: TIMEOUT_SECONDS,
        authorities=authorities,
    )
    running = asyncio.create_task(probe.run())
    yield
    running.cancel()
    await asyncio.wait([running])


async def test_any_answer_counts_and_silence_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway_probe, "MIN_SILENCE_SECONDS", TIMEOUT_SECONDS)
    is_frozen, held_back = False, asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if is_frozen:
            held_back.set()
            await reader.read()
        else:
            writer.write(b"HTTP/1.1 503 Service Unavailable\r\n\r\n")
        writer.close()

    answers = Answers()
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server, probed(server.sockets[0].getsockname()[1], answers):
        await answers.next()
        await answers.next()
        is_frozen = True
        await held_back.wait()
        before = answers.count
        held_back.clear()
        await held_back.wait()
        assert answers.count == before
        is_frozen = False
        await answers.next()


async def test_a_gateway_that_starts_later_is_no_warning_but_one_that_goes_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway_probe, "MIN_SILENCE_SECONDS", TIMEOUT_SECONDS)
    logged: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
    monkeypatch.setattr(gateway_probe, "_log", _Log(logged))
    port = free_port()
    async with probed(port, Answers()):
        assert await logged.get() == ("info", "the gateway does not answer yet")
        async with await asyncio.start_server(_answer, "127.0.0.1", port):
            assert await logged.get() == ("info", "the gateway answers")
        assert await logged.get() == ("warning", "the gateway does not answer")
        async with await asyncio.start_server(_answer, "127.0.0.1", port):
            assert await logged.get() == ("warning", "the gateway answers again")


async def test_a_gateway_with_a_certificate_is_asked_by_tls(tmp_path: Path) -> None:
    files = write_certificate(tmp_path, Authority.make("authority of tests"), "gateway")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(files.certificate, files.key)
    answers = Answers()
    server = await asyncio.start_server(_answer, "127.0.0.1", 0, ssl=context)
    authorities = PemFile("GATEWAY_PROBE_CA_FILE", files.authorities)
    async with server, probed(server.sockets[0].getsockname()[1], answers, authorities):
        await answers.next()


@pytest.mark.parametrize(("presence_timeout", "limit"), [(75, 10), (20, 5), (1, 1.5)])
def test_the_longest_silence_that_is_no_gap_follows_a_short_presence_timeout(
    presence_timeout: float, limit: float
) -> None:
    assert max_silence_seconds(presence_timeout) == limit


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    writer.close()


class _Log:
    def __init__(self, logged: asyncio.Queue[tuple[str, str]]) -> None:
        self._logged = logged

    def info(self, message: str, **_: object) -> None:
        self._logged.put_nowait(("info", message))

    def warning(self, message: str, **_: object) -> None:
        self._logged.put_nowait(("warning", message))
