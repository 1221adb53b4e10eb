"""The guide's own client, unchanged: step 3 of the customer's document in a real browser, against the gateway."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, Playwright

from testkit.browser import launch, window
from testkit.whiteboard_sessions import STUDENT
from tests.e2e.browser.conftest import Platform
from tests.e2e.browser.facts import Facts

SCRIPT = Path(__file__).with_name("guide_whiteboard.js")
HTML = '<!doctype html><canvas id="canvas" tabindex="0"></canvas><script src="/guide.js"></script>'


@pytest.fixture
def platform_port(tmp_path: Path) -> Iterator[int]:
    """Serve the platform's own page, and return its port."""
    (tmp_path / "whiteboard.html").write_text(HTML)
    shutil.copyfile(SCRIPT, tmp_path / "guide.js")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(tmp_path)))
    serving = Thread(target=server.serve_forever)
    serving.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    serving.join()


@pytest.fixture
def browser_with_usual_addresses(playwright: Playwright, platform: Platform, platform_port: int) -> Iterator[Browser]:
    """Run a browser that finds the platform and the gateway at their usual addresses."""
    ports = {8000: platform.gateway.port, 8080: platform_port}
    rules = ", ".join(f"MAP localhost:{port} 127.0.0.1:{real}" for port, real in ports.items())
    browser = launch(playwright, f"--host-resolver-rules={rules}")
    yield browser
    browser.close()


@pytest.fixture
def page(browser_with_usual_addresses: Browser) -> Iterator[Page]:
    with window(browser_with_usual_addresses, STUDENT, "student") as context:
        page = context.new_page()
        page.clock.install()
        page.goto("http://localhost:8080/whiteboard.html")
        yield page


def test_the_client_connects_sends_heartbeats_and_activity_and_disconnects(
    page: Page, session_id: int, student: Facts
) -> None:
    page.evaluate("(sessionId) => { self.socket = initializeWhiteboard(sessionId, 'student'); }", session_id)
    (connected,) = student.wait_for(lambda intervals: intervals)
    page.clock.fast_forward("00:15")
    student.wait_for(lambda intervals: intervals[-1].ended_at > connected.ended_at)
    page.locator("#canvas").click()
    page.locator("#canvas").press("a")
    student.wait_for_activities({"draw", "type"})
    page.evaluate("self.socket.close()")
    (left,) = student.wait_for(lambda intervals: intervals[-1].end_reason)
    assert left.end_reason == "closed"
