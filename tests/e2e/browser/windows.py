"""Windows of a real browser, each with one signed-in user."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import psutil
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from testkit.pytest_plugins.missing_browser import NO_BROWSER
from testkit.source_tree import ROOT
from testkit.tokens import token

#: Generous: it only limits how long a test waits for something that never comes.
LIMIT_MILLISECONDS = 60_000
#: Screenshots for people to see after the run.
PICTURES = ROOT / ".screenshots"


@contextmanager
def running_playwright() -> Iterator[Playwright]:
    """Run Playwright, which controls browsers."""
    expect.set_options(timeout=LIMIT_MILLISECONDS)
    with sync_playwright() as playwright:
        yield playwright


def executable(playwright: Playwright) -> str:
    """Return the system's Chromium if there is one, else Playwright's own (`make browser`)."""
    return shutil.which("chromium") or playwright.chromium.executable_path


def launch(playwright: Playwright, *arguments: str) -> Browser:
    """Start Chromium without windows, as the headless build if there is one: it needs a third of the CPU time."""
    path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if path is None and not Path(playwright.chromium.executable_path).exists():
        pytest.skip(NO_BROWSER)
    return playwright.chromium.launch(executable_path=path, args=arguments)


def signing_in(user: int, role: str) -> str:
    """Return a script that signs a user in, as the platform's pages do."""
    return f"localStorage.setItem('token', {token(user, role)!r})"


def window(browser: Browser, user: int, role: str) -> BrowserContext:
    """Open a window with a signed-in user."""
    context = browser.new_context()
    context.set_default_timeout(LIMIT_MILLISECONDS)
    context.add_init_script(signing_in(user, role))
    return context


class Whiteboard:
    """The demo whiteboard in one window."""

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
        """Wait until the page shows this text for a role."""
        expect(self.page.locator(f"#{role}")).to_contain_text(text)

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
