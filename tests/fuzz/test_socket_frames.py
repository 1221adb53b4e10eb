"""Whatever a page asks for and sends on a presence socket: it is closed for a documented reason, and others go on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from hypothesis import strategies
from hypothesis.strategies import SearchStrategy
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from development.demo.stories import STORIES
from gateway.presence_socket.protocol import SUBPROTOCOL, CloseReason
from testkit.tokens import token
from testkit.whiteboard_sessions import TUTOR, add_whiteboard_session
from tests.e2e.pages.site import Site
from tests.fuzz.callers import CALLERS, TOKENS
from tests.fuzz.rounds import Rounds

SHORT_ROUND = 100
MAX_MESSAGES = 5
#: Generous: only a hanging socket takes longer.
TIMEOUT_SECONDS = 60
#: After bytes that begin a frame and do not end it, nothing can be closed properly.
SHORT_CLOSE_SECONDS = 0.05
#: The handshake is refused (400, 404), or the page left (1000), broke the protocol (1002), sent no UTF-8 (1007) or too
#: much (1009), or what docs/presence-socket.md#closing says.
ALLOWED = {400, 404, 1000, 1002, 1007, 1009, *(reason.code for reason in CloseReason)}
#: There is no close frame from a socket that still waits for the end of a frame.
NO_CLOSE_FRAME = 1006


class Sent(NamedTuple):
    """What one page does."""

    target: str
    #: Offers a token in the usual way; empty: `subprotocols` are offered instead.
    caller: str
    subprotocols: list[str]
    messages: list[str | bytes]
    #: Past the protocol, at the end.
    raw: bytes

    def offered(self) -> list[str]:
        """Return the subprotocols that the page offers."""
        return [SUBPROTOCOL, f"bearer.{TOKENS[self.caller]}"] if self.caller else self.subprotocols


class Neighbour:
    """A page of another session, which draws."""

    def __init__(self, page: ClientConnection) -> None:
        self._page = page
        self._activities = 0

    def draws(self) -> None:
        """Send an activity message, and return when it is acknowledged."""
        self._page.send(json.dumps({"type": "activity", "activity_type": "draw"}))
        self._activities += 1
        acknowledged = 0
        while acknowledged < self._activities:
            acknowledged = json.loads(self._page.recv(TIMEOUT_SECONDS)).get("activities", 0)


@pytest.fixture
def neighbour(site: Site, socket_address: str) -> Iterator[Neighbour]:
    whiteboard = add_whiteboard_session(site.database)
    offered = [SUBPROTOCOL, f"bearer.{token(TUTOR, 'tutor')}"]
    with opened(socket_address, f"/ws/whiteboard/{whiteboard}", offered) as page:
        yield Neighbour(page)


def opened(
    address: str, target: str, subprotocols: list[str], *, close_seconds: float = TIMEOUT_SECONDS
) -> ClientConnection:
    """Open a socket, past the gateway, which would keep each connection for a second after its end; InvalidStatus."""
    return connect(
        f"ws://{address}{target}",
        subprotocols=[Subprotocol(name) for name in subprotocols] or None,
        compression=None,
        ping_interval=None,
        proxy=None,
        open_timeout=TIMEOUT_SECONDS,
        close_timeout=close_seconds,
    )


def test_any_messages_close_a_socket_for_a_documented_reason_and_others_go_on(
    socket_address: str, neighbour: Neighbour, rounds: Rounds
) -> None:
    def check(sent: Sent) -> None:
        ending = result(socket_address, sent)
        assert ending in ALLOWED or (ending == NO_CLOSE_FRAME and sent.raw)
        neighbour.draws()

    rounds.run(check, pages(), short_round=SHORT_ROUND)


def result(address: str, sent: Sent) -> int | None:
    """Send everything and close; return the close code, or the status of a refused handshake."""
    close_seconds = SHORT_CLOSE_SECONDS if sent.raw else TIMEOUT_SECONDS
    try:
        page = opened(address, sent.target, sent.offered(), close_seconds=close_seconds)
    except InvalidStatus as refused:
        return refused.response.status_code
    with page, suppress(ConnectionClosed, OSError):
        for message in sent.messages:
            page.send(message)
        page.socket.sendall(sent.raw)
    return page.close_code


def pages() -> SearchStrategy[Sent]:
    """Return what pages do: most open a socket of a session that exists with a valid token."""
    text = strategies.text(strategies.characters(codec="utf-8"), max_size=50)
    sessions = strategies.one_of(strategies.integers(1, len(STORIES)), strategies.integers(0, 10**11))
    user_types = strategies.sampled_from(["", "?user_type=tutor", "?user_type=student"])
    queries = strategies.one_of(user_types, text.map(lambda value: f"?user_type={quote(value)}"))
    targets = strategies.builds("/ws/whiteboard/{}{}".format, sessions, queries)
    words = strategies.text("abcdefghijklmnopqrstuvwxyz.-_0123456789", min_size=1, max_size=40)
    any_subprotocols = strategies.lists(strategies.one_of(words, strategies.just(SUBPROTOCOL)), max_size=3)
    return strategies.builds(
        Sent,
        targets,
        strategies.sampled_from(("", *CALLERS)),
        any_subprotocols,
        strategies.lists(_messages(text), max_size=MAX_MESSAGES),
        strategies.one_of(strategies.just(b""), strategies.binary(max_size=20)),
    )


def _messages(text: SearchStrategy[str]) -> SearchStrategy[str | bytes]:
    values: SearchStrategy[Any] = strategies.recursive(
        strategies.one_of(strategies.none(), strategies.booleans(), strategies.integers(), strategies.floats(), text),
        lambda inner: strategies.one_of(strategies.lists(inner), strategies.dictionaries(text, inner)),
        max_leaves=5,
    )
    words = strategies.one_of(strategies.sampled_from(["draw", "type", "erase"]), values)
    activities = strategies.fixed_dictionaries({"type": strategies.just("activity")}, optional={"activity_type": words})
    return strategies.one_of(
        activities.map(json.dumps), activities.map(json.dumps), values.map(json.dumps), text, strategies.binary()
    )
