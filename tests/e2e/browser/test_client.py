"""The whiteboard client as a page uses it: tokens, activity, leaving, and sockets that were blocked at first."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute

from testkit.browser import window
from testkit.tokens import token
from testkit.whiteboard_sessions import STUDENT, columns
from tests.e2e.browser.conftest import Platform
from tests.e2e.browser.facts import Facts

#: Collects events in `self.events`, and returns the tokens of `self.tokens` one after another.
START = """async ([sessionId, tokens]) => {
  const { initializeWhiteboard } = await import("/whiteboard-presence.js");
  Object.assign(self, { events: [], tokens });
  const token = ({ isStale }) => (isStale && self.tokens.length > 1 ? self.tokens.splice(0, 2)[1] : self.tokens[0]);
  self.presence = initializeWhiteboard(sessionId, "student", { token });
  for (const name of ["connected", "reconnecting", "lost"]) {
    self.presence.addEventListener(name, ({ detail }) => self.events.push([name, detail.reason ?? detail.transport]));
  }
}"""
#: The user draws while the first socket is opening.
DRAW_WHILE_A_SOCKET_OPENS = """() => {
  const original = self.WebSocket;
  self.WebSocket = class extends original {
    constructor(...socket) {
      super(...socket);
      self.WebSocket = original;
      queueMicrotask(() => self.presence.activity("draw"));
    }
  };
}"""
GOOD = token(STUDENT, "student")
EXPIRED = token(STUDENT, "student", lifetime=timedelta(minutes=-5))


@pytest.fixture
def page(browser: Browser, platform: Platform) -> Iterator[Page]:
    """Return an empty page of the gateway's origin."""
    with window(browser, STUDENT, "student") as context:
        page = context.new_page()
        page.goto(f"{platform.url}/demo-people.json")
        yield page


def start(page: Page, session_id: int, *tokens: str) -> None:
    page.evaluate(START, [session_id, list(tokens)])


def events(page: Page, last: str) -> list[list[str]]:
    """Return the names and reasons of all events up to one of this name."""
    page.wait_for_function("(last) => self.events.some(([name]) => name === last)", arg=last)
    happened: list[list[str]] = page.evaluate("self.events")
    return happened


def test_an_expired_token_is_replaced_by_a_fresh_one(page: Page, session_id: int) -> None:
    start(page, session_id, EXPIRED, GOOD)
    assert events(page, "connected") == [["reconnecting", "TOKEN_EXPIRED"], ["connected", "socket"]]


def test_without_a_fresh_token_presence_is_lost(page: Page, session_id: int) -> None:
    start(page, session_id, EXPIRED)
    assert events(page, "lost") == [["reconnecting", "TOKEN_EXPIRED"], ["lost", "TOKEN_EXPIRED"]]


def test_a_user_who_does_not_take_part_is_notified_and_does_not_reconnect(page: Page, session_id: int) -> None:
    start(page, session_id, token(999, "student"))
    assert events(page, "lost") == [["lost", "NOT_A_PARTICIPANT"]]


def test_a_stroke_of_a_hundred_points_is_one_message(page: Page, session_id: int, student: Facts) -> None:
    sent: list[dict[str, Any]] = []
    page.on("websocket", lambda ws: ws.on("framesent", lambda frame: sent.append(json.loads(frame))))
    start(page, session_id, GOOD)
    events(page, "connected")
    page.evaluate("() => { for (let point = 0; point < 100; point += 1) self.presence.activity('draw'); }")
    page.evaluate("self.presence.leave()")
    student.wait_for(lambda intervals: intervals[-1].end_reason)
    assert sent == [{"type": "activity", "activity_type": "draw"}]


def test_what_is_drawn_while_a_socket_opens_is_sent_once_it_is_open(
    page: Page, session_id: int, student: Facts
) -> None:
    page.evaluate(DRAW_WHILE_A_SOCKET_OPENS)
    start(page, session_id, GOOD)
    assert events(page, "connected") == [["connected", "socket"]]
    student.wait_for_activities({"draw"})


def test_what_is_drawn_while_no_socket_gets_through_is_sent_by_rest(
    page: Page, session_id: int, student: Facts
) -> None:
    page.route_web_socket("**/ws/whiteboard/*", lambda route: route.close())
    page.evaluate(DRAW_WHILE_A_SOCKET_OPENS)
    start(page, session_id, GOOD)
    assert events(page, "connected") == [["connected", "rest"]]
    student.wait_for_activities({"draw"})


def test_an_activity_type_that_the_server_would_reject_is_an_error_in_the_page(page: Page, session_id: int) -> None:
    start(page, session_id, GOOD)
    message = page.evaluate(
        "() => { try { self.presence.activity('Draw!'); } catch (error) { return error.message; } }"
    )
    assert message == '"Draw!" is no activity: use a lower-case word such as draw'


def test_leaving_ends_presence_at_once(page: Page, session_id: int, student: Facts) -> None:
    start(page, session_id, GOOD)
    events(page, "connected")
    page.evaluate("self.presence.leave()")
    (interval,) = student.wait_for(lambda intervals: intervals[-1].end_reason)
    assert interval.end_reason == "closed"


def test_after_rest_calls_a_socket_is_used_as_soon_as_one_gets_through(
    page: Page, platform: Platform, session_id: int, student: Facts
) -> None:
    blocked: list[WebSocketRoute] = []

    def block_the_first(route: WebSocketRoute) -> None:
        if blocked:
            route.connect_to_server()
        else:
            blocked.append(route)
            route.close()

    page.route_web_socket("**/ws/whiteboard/*", block_the_first)
    page.clock.install()
    start(page, session_id, GOOD)
    assert events(page, "connected") == [["connected", "rest"]]
    page.clock.fast_forward("01:00")
    page.wait_for_function("() => self.events.length > 1")
    assert page.evaluate("self.events") == [["connected", "rest"], ["connected", "socket"]]
    (interval,) = student.intervals()
    assert interval.end_reason is None
    (logs,) = columns(platform.database, session_id, "connection_logs")
    assert len({entry["connection_id"] for entry in logs if entry["event"] == "connect"}) == 2
