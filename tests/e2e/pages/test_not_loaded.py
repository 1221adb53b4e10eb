"""What a page says where its scripts do not load, or may not run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from testkit.browser import LIMIT_MILLISECONDS
from testkit.envoy import Gateway

NOT_LOADED = {
    "en": "This page has not loaded yet. Check your connection, then load it again.",
    "am": "ይህ ገጽ ገና አልተጫነም። ግንኙነትዎን አረጋግጠው እንደገና ይጫኑት።",
}
NEEDS_SCRIPTS = {"en": "This page needs JavaScript.", "am": "ይህ ገጽ JavaScript ያስፈልገዋል።"}
PAGES = ("/", "/whiteboard", "/docs")
LANGUAGE = "**/language.js"
#: When the sentence comes, in milliseconds after the page is drawn.
WAITS = """document.getAnimations().filter(({ animationName }) => animationName === "say-not-loaded")
  .map((animation) => animation.effect.getComputedTiming().endTime)"""
FINISH = "document.getAnimations().forEach((animation) => animation.finish())"
FONTS = "performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => name.endsWith('.woff2'))"

Open = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, gateway: Gateway) -> Iterator[Open]:
    """Return a way to open a page of which some requests fail; nobody is signed in."""
    contexts = []

    def opened(path: str, *broken: str, **options: object) -> Page:
        context = browser.new_context(**options)  # type: ignore[arg-type]
        contexts.append(context)
        context.set_default_timeout(LIMIT_MILLISECONDS)
        page = context.new_page()
        for pattern in broken:
            page.route(pattern, lambda route: route.abort("connectionreset"))
        page.goto(f"{gateway.url}{path}")
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize(
    ("path", "broken"),
    [
        ("/", "**/application.js"),
        ("/", "**/routes.js"),
        ("/", "**/strings/en.js"),
        ("/whiteboard", "**/strings/views/en.js"),
        ("/docs", "**/swagger-ui-bundle.js"),
    ],
)
def test_a_page_says_after_ten_seconds_that_it_has_not_loaded(open_page: Open, path: str, broken: str) -> None:
    page = open_page(path, broken)
    said = page.get_by_text(NOT_LOADED["en"])
    expect(said).to_be_hidden()
    expect(page.get_by_text("Loading …")).to_be_visible()
    assert page.evaluate(WAITS) == [10_000]
    page.evaluate(FINISH)
    expect(said).to_be_visible()
    expect(page.get_by_text("Loading …")).to_be_hidden()
    expect(page.get_by_text(NOT_LOADED["am"])).to_be_hidden()


@pytest.mark.parametrize("path", ["/#/lessons", "/whiteboard?session=1"])
def test_its_link_loads_the_page_again(open_page: Open, path: str) -> None:
    page = open_page(path, "**/application.js", "**/whiteboard.js")
    page.evaluate(FINISH)
    page.unroute_all()
    page.get_by_role("alert").get_by_role("link", name="Load again").click()
    expect(page.get_by_text("Loading …")).to_have_count(0)
    expect(page.locator(".not-loaded")).to_have_count(0)
    assert urlsplit(page.url).query == urlsplit(path).query


def test_it_says_so_in_amharic(open_page: Open) -> None:
    page = open_page("/", "**/application.js", locale="am")
    page.evaluate(FINISH)
    expect(page.get_by_text(NOT_LOADED["am"])).to_be_visible()
    expect(page.get_by_role("link", name="እንደገና ይጫኑ")).to_be_visible()
    expect(page.get_by_text(NOT_LOADED["en"])).to_be_hidden()


def test_it_says_so_in_every_language_if_it_does_not_know_the_readers(open_page: Open) -> None:
    page = open_page("/", LANGUAGE, "**/application.js", locale="am")
    page.evaluate(FINISH)
    for said in NOT_LOADED.values():
        expect(page.get_by_text(said)).to_be_visible()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_says_in_every_language_that_it_needs_scripts(open_page: Open, path: str) -> None:
    page = open_page(path, java_script_enabled=False)
    for language, said in NEEDS_SCRIPTS.items():
        # Playwright's search by text leaves out what is in <noscript>.
        shown = page.locator(f"noscript [lang={language}]")
        expect(shown).to_have_text(said)
        expect(shown).to_be_visible(visible=path != "/docs" or language == "en")
    expect(page.get_by_text("Loading …")).to_be_hidden()
    expect(page.locator(".not-loaded")).to_be_hidden()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_that_loads_has_no_such_sentence(open_page: Open, path: str) -> None:
    page = open_page(path)
    expect(page.get_by_text("Loading …")).to_have_count(0)
    expect(page.locator(".not-loaded")).to_have_count(0)


def test_what_is_not_said_yet_fetches_no_font(open_page: Open) -> None:
    page = open_page("/", "**/application.js", locale="am")
    page.evaluate("document.fonts.ready.then(() => {})")
    assert page.evaluate(FONTS) == []
    with page.expect_request("**/*.woff2"):
        page.evaluate(FINISH)
