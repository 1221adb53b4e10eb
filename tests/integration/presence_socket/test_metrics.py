"""What the presence socket shows at /metrics (docs/metrics.md)."""

from __future__ import annotations

import pytest

from testkit.eventually import eventually
from testkit.scrape import Scrape, scrape, scrape_now
from testkit.whiteboard_pages import connected_page, open_page
from tests.integration.presence_socket.conftest import Socket


async def test_sockets_are_counted_from_their_opening_to_their_end(
    socket: Socket, session_id: int, student_token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await socket.stop()
    monkeypatch.setenv("METRICS_PORT", "0")
    monkeypatch.setenv("MAX_SOCKETS_PER_USER", "1")
    await socket.start()
    async with connected_page(socket.port, session_id, student_token):
        async with open_page(socket.port, session_id, student_token) as refused:
            await refused.wait_closed()
        while_open = await scrape(socket.metrics_port)
    await eventually(lambda: scrape_now(socket.metrics_port).value("presence_socket_closed_total", code="1000") == 1)
    afterwards = await scrape(socket.metrics_port)
    assert (connections(while_open), connections(afterwards)) == (1, 0)
    assert afterwards.value("presence_socket_opened_total") == 1
    assert afterwards.value("presence_socket_refused_total", reason="TOO_MANY_SOCKETS") == 1
    assert afterwards.value("limits_hit_total", limit="sockets_of_user") == 1
    assert afterwards.value("presence_socket_confirm_seconds_count") == 1
    await eventually(lambda: scrape_now(socket.metrics_port).value("presence_socket_events_unconfirmed") == 0)


def connections(shown: Scrape) -> float:
    return shown.value("presence_socket_connections")
