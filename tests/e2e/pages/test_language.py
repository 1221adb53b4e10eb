"""Every view in Amharic, with the Ethiopian calendar and clock; how a language is chosen, and what it costs."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from development.javascript import NODE
from testkit.browser import LIMIT_MILLISECONDS
from testkit.source_tree import ROOT
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.site import Site, token_of
from tests.e2e.pages.test_accessibility import DESKTOP, NARROWEST, PHONE, SLIPS, is_narrow, violations
from tests.e2e.pages.test_weight import MAX_BYTES, go, transfers
from tests.e2e.pages.visits import COUNT_CALLS, SAVE_DATA, STUDENT, TUTOR, VISITS, Visit, settle
from tests.e2e.pages.windows import keep_renderer

STRINGS = ROOT / "gateway" / "web" / "assets" / "strings"
#: What an English page would say in places of their own: strings without anything to fill in.
ENGLISH = """
import first from "{module}";
import later from "{views}";
const strings = {{ ...first, ...later }};
const leaves = (part) => typeof part === "string" ? [part] : Object.values(part).flatMap(leaves);
console.log(JSON.stringify(leaves(strings).filter((leaf) => /[a-z]{{3}}/.test(leaf) && !leaf.includes("{{"))));
"""
#: Every text of the page that can be seen.
SHOWN = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const shown = [];
  while (walker.nextNode()) {
    const { parentElement, data } = walker.currentNode;
    if (data.trim() && parentElement.checkVisibility()) shown.push(data.trim());
  }
  return shown;
}"""
#: The months of the Ethiopian calendar, as English writes them.
MONTH_OF_ETHIOPIA = re.compile(
    "Meskerem|Tekemt|Hedar|Tahsas|Ter|Yekatit|Megabit|Miazia|Genbot|Sene|Hamle|Nehasse|Pagumen"
)
LOADED = "performance.getEntriesByType('resource').map(({ name }) => name)"
FONT_BYTES = """performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('.woff2'))
  .map(({ transferSize }) => transferSize)"""
#: What the fonts of a language may transfer, in addition, where the machine has none for its script.
MAX_FONT_BYTES = 17_000


@pytest.fixture(scope="module")
def context(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    """Return a browser that prefers Amharic, of a person who chose the Ethiopian calendar and clock."""
    with browser.new_context(viewport=DESKTOP, locale="am-ET", reduced_motion="reduce") as context:
        context.set_default_timeout(LIMIT_MILLISECONDS)
        keep_renderer(context, site.url)
        context.add_init_script(COUNT_CALLS)
        context.add_init_script("localStorage.setItem('calendar', 'ethiopic')")
        context.add_init_script("localStorage.setItem('clock', 'ethiopian')")
        yield context


@pytest.fixture(scope="module", params=VISITS, ids=str)
def visited(request: pytest.FixtureRequest, context: BrowserContext, site: Site) -> Iterator[tuple[Page, list[str]]]:
    """Return a view that has loaded, and what went wrong in it; all tests of it share the window."""
    visit: Visit = request.param
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    page.add_init_script(f"localStorage.setItem('token', {token_of(visit.who)!r})")
    page.goto(f"{site.url}/{visit.address}")
    settle(page)
    yield page, problems
    page.close()


@pytest.fixture(scope="module")
def english() -> frozenset[str]:
    """Return what an English page says."""
    modules = {"module": STRINGS / "en.js", "views": STRINGS / "views" / "en.js"}
    script = ENGLISH.format(**{name: file.as_uri() for name, file in modules.items()})
    command = [str(NODE), "--input-type=module", "--eval", script]
    said: list[str] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return frozenset(said)


def test_a_view_in_amharic_lacks_no_string(visited: tuple[Page, list[str]], english: frozenset[str]) -> None:
    page, problems = visited
    assert problems == []
    assert SLIPS.findall(page.locator("body").inner_text()) == []
    assert english & set(page.evaluate(SHOWN)) == set()


def test_a_view_in_amharic_meets_the_guidelines(visited: tuple[Page, list[str]]) -> None:
    page, _ = visited
    page.set_viewport_size(PHONE)
    assert violations(page) == ""


def test_a_view_in_amharic_has_room_in_the_narrowest_window(visited: tuple[Page, list[str]]) -> None:
    page, _ = visited
    page.set_viewport_size(NARROWEST)
    assert is_narrow(page)


@pytest.mark.parametrize("size", [NARROWEST, DESKTOP], ids=["narrow", "wide"])
def test_a_view_that_is_written_from_right_to_left_has_room(
    visited: tuple[Page, list[str]], size: ViewportSize
) -> None:
    page, _ = visited
    page.set_viewport_size(size)
    page.evaluate("document.documentElement.dir = 'rtl'")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.evaluate("document.documentElement.dir = 'ltr'")


def fonts_of(page: Page, selector: str) -> set[str]:
    """Return the fonts that an element is drawn with, of those that the page brought along."""
    tools = page.context.new_cdp_session(page)
    tools.send("DOM.enable")
    tools.send("CSS.enable")
    root = tools.send("DOM.getDocument")["root"]["nodeId"]
    node = tools.send("DOM.querySelector", {"nodeId": root, "selector": selector})["nodeId"]
    assert node
    fonts = tools.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    return {font["familyName"] for font in fonts if font["isCustomFont"]}


def open_menu(page: Page) -> None:
    """Open the menu with the choice of language, calendar and clock."""
    page.locator("[popovertarget=account-menu]").click()


def files_of(page: Page, folder: str) -> set[str]:
    """Return the names of the files of a folder that a page has loaded."""
    paths = [urlsplit(file).path for file in page.evaluate(LOADED)]
    return {path.rsplit("/", 1)[1] for path in paths if f"/{folder}/" in path}


def test_amharic_is_drawn_with_the_font_that_the_page_brings_along(open_window: OpenWindow) -> None:
    page = open_window(TUTOR, "#/reports/tutors", locale="am")
    assert fonts_of(page, "h1") == {"Noto Sans Ethiopic"}
    assert fonts_of(page, ".brand span") == {"Noto Sans Ethiopic"}


def test_only_the_chosen_language_and_its_fonts_are_loaded(open_window: OpenWindow) -> None:
    english, amharic = open_window(STUDENT, own_context=True), open_window(STUDENT, locale="am-ET")
    assert files_of(english, "strings") == {"en.js"}
    assert files_of(english, "fonts") <= {"noto-sans-ethiopic-name.woff2"}
    assert files_of(amharic, "strings") == {"am.js"}
    assert files_of(amharic, "fonts") >= {"noto-sans-ethiopic.woff2", "noto-sans-ethiopic-name.woff2"}


def test_a_language_is_chosen_by_its_own_name_and_stays_chosen(open_window: OpenWindow) -> None:
    page = open_window(TUTOR, "#/reports/tutors?from=2026-01-01", own_context=True)
    expect(page.locator("html")).to_have_attribute("lang", "en")
    open_menu(page)
    page.get_by_role("button", name="አማርኛ").click()
    expect(page.locator("html")).to_have_attribute("lang", "am")
    expect(page.get_by_role("heading", level=1)).to_contain_text("መገኘት")
    assert page.url.endswith("#/reports/tutors?from=2026-01-01")
    page.reload()
    open_menu(page)
    expect(page.get_by_role("button", name="አማርኛ")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")


@pytest.mark.parametrize(
    ("languages", "chosen"), [("am-ET", "am"), ("en-GB", "en"), ("de-DE", "en")], ids=["Amharic", "English", "German"]
)
def test_a_page_speaks_the_browsers_language_if_it_can(open_window: OpenWindow, languages: str, chosen: str) -> None:
    page = open_window(STUDENT, locale=languages)
    expect(page.locator("html")).to_have_attribute("lang", chosen)
    expect(page.locator("html")).to_have_attribute("dir", "ltr")


def test_dates_and_times_follow_the_calendar_and_clock_that_the_person_chooses(open_window: OpenWindow) -> None:
    page = open_window(TUTOR, "#/lessons", own_context=True)
    open_menu(page)
    page.get_by_label("Calendar").select_option("Ethiopian")
    expect(page.get_by_text(MONTH_OF_ETHIOPIA).first).to_be_visible()
    open_menu(page)
    page.get_by_label("Clock").select_option("Ethiopian (7:00 is 1:00)")
    expect(page.get_by_text(re.compile(r"\d:\d\d (day|night)")).first).to_be_visible()


def test_the_lessons_that_a_record_counts_stay_chosen_with_another_calendar(open_window: OpenWindow) -> None:
    page = open_window(STUDENT, "#/record", own_context=True)
    page.get_by_role("radio", name="Last 3 months").check()
    open_menu(page)
    page.get_by_label("Calendar").select_option("Ethiopian")
    expect(page.locator(".trend .month").filter(has_text=MONTH_OF_ETHIOPIA).first).to_be_visible()
    expect(page.get_by_role("radio", name="Last 3 months")).to_be_checked()


@pytest.mark.parametrize("locale", ["en-US", "am-ET"], ids=["English", "Amharic"])
def test_a_tutors_first_view_weighs_little_in_either_language(browser: Browser, site: Site, locale: str) -> None:
    with browser.new_context(locale=locale) as context:
        context.set_default_timeout(LIMIT_MILLISECONDS)
        context.add_init_script(COUNT_CALLS)
        context.add_init_script(SAVE_DATA)
        page = context.new_page()
        transferred = transfers(page)
        go(page, site.url, Visit(who=TUTOR, address="#/"))
        page.wait_for_function("document.fonts.status === 'loaded'")
        fonts = sum(page.evaluate(FONT_BYTES))
    assert fonts <= MAX_FONT_BYTES
    assert sum(transferred.values()) - fonts < MAX_BYTES
