"""Windows of a real browser, each of one person."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.tokens import token

#: Only something broken ever takes so long.
LIMIT_MILLISECONDS = 60_000


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Run Chromium: the system's where there is one, else Playwright's own (`make browser`)."""
    expect.set_options(timeout=LIMIT_MILLISECONDS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        try:
            yield browser
        finally:
            browser.close()


def window(browser: Browser, user: int, role: str) -> BrowserContext:
    """Open a window in which somebody is signed in on the platform."""
    context = browser.new_context()
    context.set_default_timeout(LIMIT_MILLISECONDS)
    context.add_init_script(f"localStorage.setItem('token', {token(user, role)!r})")
    return context


class Whiteboard:
    """The demo whiteboard in one window."""

    def __init__(self, context: BrowserContext, url: str, session_id: int) -> None:
        """Open it; `url` is the gateway's."""
        self.page: Page = context.new_page()
        self.problems: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.goto(f"{url}/whiteboard?session={session_id}")

    def is_present(self, transport: str) -> None:
        """Wait until its user counts as present, by `socket` or `rest`."""
        presence = self.page.locator("#presence")
        expect(presence).to_have_attribute("data-state", "here")
        expect(presence).to_have_attribute("data-transport", transport)

    def shows(self, role: str, text: str) -> None:
        """Wait until it says this of a role."""
        expect(self.page.locator(f"#{role}")).to_contain_text(text)

    def draw(self) -> None:
        """Draw a line with the pointer."""
        box = self.page.locator("#canvas").bounding_box()
        assert box is not None
        self.page.mouse.move(box["x"] + 40, box["y"] + 60)
        self.page.mouse.down()
        self.page.mouse.move(box["x"] + 300, box["y"] + 200, steps=10)
        self.page.mouse.up()

    def keep_picture(self, directory: Path, name: str) -> None:
        """Keep what it looks like."""
        directory.mkdir(exist_ok=True)
        self.page.screenshot(path=directory / f"{name}.png", full_page=True)
