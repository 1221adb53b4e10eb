"""Windows of the pages, each of a person who is signed in on the platform."""

from __future__ import annotations

from typing import Any, Literal

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize

from development.demo.people import Person
from testkit.browser import LIMIT_MILLISECONDS
from tests.e2e.pages.site import token_of
from tests.e2e.pages.visits import COUNT_CALLS, wait_until_quiet

#: A window has a session storage of its own; the local storage may hold what an earlier window left.
SIGN_IN_ONCE = """
  if (!sessionStorage.getItem("is opened")) {
    sessionStorage.setItem("is opened", "yes");
    localStorage.clear();
    localStorage.setItem("token", "%s");
  }
"""
#: Views that a test never shows take a fifth of a window's processor time.
NEVER_IDLE = "self.requestIdleCallback = () => 0;"


def keep_renderer(context: BrowserContext, url: str) -> None:
    """Open a page that stays open, so that the renderer does, with the scripts that it has compiled."""
    context.new_page().goto(f"{url}/demo-people.json")


class Windows:
    """The windows that a test opens.

    The first one is opened in a browser context that tests share, with an empty storage and a full cache: else each
    window would load every script again. Further ones get a context of their own.
    """

    def __init__(self, browser: Browser, shared: BrowserContext, url: str) -> None:
        """Open none yet; `url` is where the pages are."""
        #: What pages threw, and what the content security policy stopped.
        self.problems: list[str] = []
        self._browser = browser
        self._shared = shared
        self._stays_open = list(shared.pages)
        self._own: list[BrowserContext] = []
        self._url = url

    def open(
        self,
        person: Person,
        fragment: str = "#/",
        *,
        bearer: str | None = None,
        url: str | None = None,
        viewport: ViewportSize | None = None,
        color_scheme: Literal["dark", "light"] = "light",
        own_context: bool = False,
        loads_when_idle: bool = False,
        **options: object,
    ) -> Page:
        """Open a page as a person and wait until it shows what it asked for.

        `bearer` is another token than the person's fresh one, `url` another address than the site's. `own_context` asks
        for a browser context with an empty cache and its own clock; other `options` are that context's. What nobody
        points at yet is loaded only if the page `loads_when_idle`. Nothing is animated, so that no test meets a page
        halfway.
        """
        page = self._context(options, is_own=own_context).new_page()
        page.add_init_script(SIGN_IN_ONCE % (token_of(person) if bearer is None else bearer))
        page.add_init_script(COUNT_CALLS)
        if not loads_when_idle:
            page.add_init_script(NEVER_IDLE)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", self._check_console)
        page.emulate_media(color_scheme=color_scheme, reduced_motion="reduce")
        if viewport:
            page.set_viewport_size(viewport)
        page.goto(f"{url or self._url}/{fragment}")
        if fragment.startswith("#"):
            wait_until_quiet(page)
        return page

    def close(self) -> None:
        """Close all, and leave the shared context as it was."""
        for context in self._own:
            context.close()
        for page in self._shared.pages:
            if page not in self._stays_open:
                page.close()
        self._shared.set_offline(offline=False)

    def _context(self, options: dict[str, Any], *, is_own: bool) -> BrowserContext:
        if not (is_own or options) and self._shared.pages == self._stays_open:
            return self._shared
        context = self._browser.new_context(**options)
        context.set_default_timeout(LIMIT_MILLISECONDS)
        self._own.append(context)
        return context

    def _check_console(self, message: ConsoleMessage) -> None:
        if "Content Security" in message.text:
            self.problems.append(message.text)
