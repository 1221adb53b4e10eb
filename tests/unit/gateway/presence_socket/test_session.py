"""Which events a socket's end leaves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.presence_socket.handshake import Participant
from gateway.presence_socket.protocol import CloseError, CloseReason
from gateway.presence_socket.session import PresenceSession
from heartbeat_relay import RelayFull
from servicekit.clock import SystemClock
from servicekit.identifiers import UserId, WhiteboardSessionId


class Page:
    """A page's connection, as the session sees it."""

    def __init__(self) -> None:
        self.is_open = True
        self.is_closed_by_page = False
        self.is_closed_by_restart = False
        self.arrived_at = datetime.now(UTC) + timedelta(minutes=1)

    def send(self, message: str) -> None:
        """Ignore messages."""

    def close_soon(self, _error: CloseError) -> None:
        self.is_open = False


class Relay:
    """Keeps events, as (kind, reason, time)."""

    heartbeat_interval = timedelta(seconds=15)
    presence_timeout = timedelta(seconds=75)

    def __init__(self) -> None:
        self.is_full = False
        self.events: list[tuple[str, str, datetime]] = []

    def connect(self, *, at: datetime, **_rest: object) -> None:
        self._record("connect", "", at)

    def heartbeat(self, *, at: datetime, **_rest: object) -> None:
        self._record("heartbeat", "", at)

    def disconnect(self, *, at: datetime, reason: str, **_rest: object) -> None:
        self._record("disconnect", reason, at)

    def _record(self, kind: str, reason: str, at: datetime) -> None:
        if self.is_full:
            raise RelayFull
        self.events.append((kind, reason, at))


@pytest.fixture
def page() -> Page:
    return Page()


@pytest.fixture
def relay() -> Relay:
    return Relay()


@pytest.fixture
def session(page: Page, relay: Relay) -> PresenceSession:
    participant = Participant(WhiteboardSessionId(7), UserId(201), "student", SystemClock().now())
    as_connection: Any = page
    as_relay: Any = relay
    return PresenceSession(as_connection, participant, as_relay, "0f9c", on_pong=lambda _session: None)


def test_a_socket_that_the_relay_has_no_room_for_leaves_no_event(session: PresenceSession, relay: Relay) -> None:
    relay.is_full = True
    with pytest.raises(RelayFull):
        session.start()
    relay.is_full = False
    session.finish()
    assert relay.events == []


def close_by_page(page: Page) -> None:
    page.is_closed_by_page = True


def close_by_restart(page: Page) -> None:
    page.is_closed_by_restart = True


def lose(_page: Page) -> None:
    """End the connection without any close frame."""


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (close_by_page, ["connect", "disconnect closed"]),
        (lose, ["connect", "disconnect timed_out"]),
        (close_by_restart, ["connect"]),
    ],
)
def test_only_a_pages_own_close_frame_is_a_seen_disconnect(
    session: PresenceSession, page: Page, relay: Relay, end: Callable[[Page], None], expected: list[str]
) -> None:
    session.start()
    end(page)
    session.finish()
    assert [f"{kind} {reason}".strip() for kind, reason, _ in relay.events] == expected


def test_a_page_that_left_was_there_until_its_close_frame_arrived(
    session: PresenceSession, page: Page, relay: Relay
) -> None:
    session.start()
    close_by_page(page)
    session.finish()
    assert relay.events[-1][2] == page.arrived_at


def test_a_rejected_participant_leaves_no_disconnect(session: PresenceSession, relay: Relay) -> None:
    session.start()
    session.reject(CloseError(CloseReason.NOT_A_PARTICIPANT))
    session.finish()
    assert [kind for kind, _, _ in relay.events] == ["connect"]
