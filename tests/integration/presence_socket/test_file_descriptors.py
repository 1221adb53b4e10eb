"""A presence socket that has few file descriptors left refuses pages, says so, and keeps those that it has."""

from __future__ import annotations

import asyncio
import json
import resource
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from gateway.presence_socket.admission import RETRY_AFTER_SECONDS
from gateway.presence_socket.descriptors import LAST, RESERVE
from gateway.presence_socket.healthcheck import is_healthy
from testkit.eventually import eventually
from testkit.ports import free_port
from testkit.presence_socket_process import PresenceSocketProcess, presence_socket_process
from testkit.scrape import Scrape, scrape
from testkit.tracking_app import Service
from testkit.whiteboard_pages import Page, connected_page

#: How many pages there is room for.
ROOM = 5


class Crowded:
    """A presence socket with room for a few more pages."""

    def __init__(self, process: PresenceSocketProcess, metrics_port: int) -> None:
        self.process = process
        self._metrics_port = metrics_port

    @property
    def port(self) -> int:
        return self.process.port

    def open_descriptors(self) -> int:
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def allow(self, descriptors: int) -> None:
        """Set the limit of the running process, as `prlimit --nofile` does."""
        _, hard = resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE, (descriptors, hard))

    async def shown(self) -> Scrape:
        return await scrape(self._metrics_port)

    async def is_healthy(self) -> bool:
        return await asyncio.to_thread(is_healthy, self.process.address)

    def errors(self) -> list[str]:
        lines = (json.loads(line) for line in self.process.log().splitlines())
        return [line["message"] for line in lines if line["level"] == "error"]


@pytest.fixture
def crowded(service: Service, tmp_path: Path) -> Iterator[Crowded]:
    port = free_port()
    with presence_socket_process(service.address, tmp_path / "socket.log", METRICS_PORT=str(port)) as process:
        yield Crowded(process, port)


@pytest.fixture
async def connected(crowded: Crowded, session_id: int, student_token: str) -> AsyncIterator[Page]:
    """Return a page that was there before descriptors ran out."""
    async with connected_page(crowded.port, session_id, student_token) as page:
        yield page


@asynccontextmanager
async def as_many_as_it_takes(
    crowded: Crowded, session_id: int, student_token: str
) -> AsyncIterator[list[InvalidStatus]]:
    """Open pages until three were refused; those that were opened stay open for the length of the block."""
    refused: list[InvalidStatus] = []
    async with AsyncExitStack() as pages:
        while len(refused) < 3:
            try:
                await pages.enter_async_context(connected_page(crowded.port, session_id, student_token))
            except InvalidStatus as error:
                refused.append(error)
        yield refused


async def test_pages_are_refused_with_503_before_the_last_descriptor_and_those_that_are_connected_stay(
    crowded: Crowded, connected: Page, session_id: int, student_token: str
) -> None:
    crowded.allow(crowded.open_descriptors() + ROOM + RESERVE)
    async with as_many_as_it_takes(crowded, session_id, student_token) as refused:
        assert {error.response.status_code for error in refused} == {503}
        assert {error.response.headers["retry-after"] for error in refused} == {str(RETRY_AFTER_SECONDS)}
        await connected.send_activity("draw")
        await connected.wait_for_ack(1)
        assert await crowded.is_healthy()
        shown = await crowded.shown()
    assert 1 < shown.value("presence_socket_connections") <= 1 + ROOM
    assert shown.value("presence_socket_refused_total", reason="FILE_DESCRIPTORS") == 3
    assert shown.value("limits_hit_total", limit="file_descriptors") == 3
    (error,) = crowded.errors()
    assert "ulimit -n" in error
    assert "docs/runbooks/FileDescriptorsRunOut.md" in error


async def test_pages_are_served_again_once_the_limit_is_raised(
    crowded: Crowded, session_id: int, student_token: str
) -> None:
    limit = crowded.open_descriptors() + ROOM + RESERVE
    crowded.allow(limit)
    async with as_many_as_it_takes(crowded, session_id, student_token):
        crowded.allow(2 * limit)
        async with connected_page(crowded.port, session_id, student_token):
            pass


async def test_connections_that_send_nothing_leave_descriptors_for_scrapes_and_for_those_who_are_connected(
    crowded: Crowded, connected: Page, session_id: int, student_token: str
) -> None:
    limit = crowded.open_descriptors() + ROOM + RESERVE
    crowded.allow(limit)
    silent = [await asyncio.open_connection("127.0.0.1", crowded.port) for _ in range(limit)]
    # Those that are too many are closed.
    await silent[-1][0].read()
    await eventually(lambda: crowded.open_descriptors() <= limit - LAST)
    assert (await crowded.shown()).value("presence_socket_connections") == 1
    await connected.send_activity("draw")
    await connected.wait_for_ack(1)
    for _, writer in silent:
        writer.close()
    await eventually(lambda: crowded.open_descriptors() < limit - RESERVE)
    async with connected_page(crowded.port, session_id, student_token):
        pass
