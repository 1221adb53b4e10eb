"""A real browser for tests: windows with one signed-in user each, and the fixtures of a folder of tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, expect, sync_playwright

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
    """Return the system's Chromium if there is one, else Playwright's own (`make browser`); skip the test without."""
    path = shutil.which("chromium") or playwright.chromium.executable_path
    if not Path(path).exists():
        pytest.skip(NO_BROWSER)
    return path


def launch(playwright: Playwright, *arguments: str) -> Browser:
    """Start Chromium without windows, as the headless build if there is one: it needs a third of the CPU time."""
    path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if path is None:
        # Playwright has a headless build of its own, beside the browser.
        executable(playwright)
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


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    with running_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = launch(playwright)
    yield browser
    browser.close()
