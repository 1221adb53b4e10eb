"""The demo whiteboard in a browser."""

from __future__ import annotations

from contextlib import suppress
from uuid import uuid4

import psutil
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from testkit.browser import PICTURES, launch


class Whiteboard:
    """A page with the demo whiteboard."""

    def __init__(self, context: BrowserContext, url: str, session_id: int) -> None:
        """Open it; `url` is the gateway's."""
        self.page: Page = context.new_page()
        self.problems: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.goto(f"{url}/whiteboard?session={session_id}")

    def says(self, text: str) -> None:
        """Wait until the page contains this text."""
        expect(self.page.locator("main")).to_contain_text(text)

    def is_present(self, transport: str) -> None:
        """Wait until the page shows that its user is present, by `socket` or `rest`."""
        presence = self.page.locator("#presence")
        expect(presence).to_have_attribute("data-state", "here")
        expect(presence).to_have_attribute("data-transport", transport)

    def retry_socket(self) -> None:
        """Make a page that has fallen back to REST calls try a socket now, and not within a minute."""
        presence = self.page.locator("#presence")
        expect(presence).to_have_attribute("data-state", "here")
        if presence.get_attribute("data-transport") == "rest":
            self.page.evaluate("dispatchEvent(new Event('offline'))")

    def shows(self, role: str, text: str) -> None:
        """Wait until the page shows this text for a person in a role."""
        expect(self.page.locator(f"#people-here [data-role={role}]")).to_contain_text(text)

    def draw(self) -> None:
        """Draw a line with the pointer."""
        box = self.page.locator("#canvas").bounding_box()
        assert box is not None
        self.page.mouse.move(box["x"] + 40, box["y"] + 60)
        self.page.mouse.down()
        self.page.mouse.move(box["x"] + 300, box["y"] + 200, steps=10)
        self.page.mouse.up()

    def save_screenshot(self, name: str) -> None:
        """Save a screenshot of the page."""
        self.page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


class KillableBrowser:
    """A browser for a test that kills it."""

    def __init__(self, playwright: Playwright) -> None:
        """Start it."""
        self._mark = f"--mark={uuid4().hex}"
        self.browser = launch(playwright, self._mark)

    def kill(self) -> None:
        """Send SIGKILL to all of its processes."""
        main = next(
            process for process in psutil.process_iter(["cmdline"]) if self._mark in (process.info["cmdline"] or ())
        )
        for process in (*main.children(recursive=True), main):
            with suppress(psutil.NoSuchProcess):
                process.kill()
