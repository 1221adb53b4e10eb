"""Which files an "accept" passes: what `docs/architecture.md` lists is what the browser runs."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from playwright.sync_api import CDPSession, expect

from development.demo.people import person
from development.demo.story import Story, stay
from testkit.source_tree import ROOT
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.lessons import card
from tests.e2e.pages.own_course import wait_until_settled
from tests.e2e.pages.site import Site

TUTOR = person(101)
PUNCTUAL = Story(what="Punctual", enrolment=1, starts_in=-22, tutor=stay(0, 60), students={201: stay(0, 60)})
MAX_FILES = 10
_SECTION = re.compile(r'^## The files an "accept" passes\n(.*?)(?=^## |\Z)', re.MULTILINE | re.DOTALL)
_ITEM = re.compile(r"^\d+\. `([^`]+)`", re.MULTILINE)
_HELPERS = re.compile(r"^Besides, (.*?)\.$", re.MULTILINE | re.DOTALL)
_NAME = re.compile(r"`([\w/-]+\.js)`")


def listed_files() -> tuple[list[str], list[str]]:
    """Return the files that the document lists, and those that it says to help all views with words and elements."""
    section = _SECTION.search((ROOT / "docs" / "architecture.md").read_text())
    assert section is not None
    helpers = _HELPERS.search(section[1])
    assert helpers is not None
    return _ITEM.findall(section[1]), [f"gateway/web/assets/{name}" for name in _NAME.findall(helpers[1])]


def start_coverage(devtools: CDPSession) -> None:
    devtools.send("Profiler.enable")
    devtools.send("Profiler.startPreciseCoverage", {"callCount": True, "detailed": False})
    # Taking it resets the counts: what ran until now does not count.
    devtools.send("Profiler.takePreciseCoverage")


LOADED_ALL = """() => {
  const ends = performance.getEntriesByType("resource").map(({ responseEnd }) => responseEnd);
  return performance.now() - Math.max(...ends) > 1000;
}"""


def files_run(devtools: CDPSession) -> set[str]:
    """Return the scripts of which a function ran since coverage was started, by their paths in the repository."""
    scripts = devtools.send("Profiler.takePreciseCoverage")["result"]
    return {
        re.sub(r"^/assets/[^/]+/", "gateway/web/assets/", urlsplit(script["url"]).path)
        for script in scripts
        if urlsplit(script["url"]).path.startswith("/assets/")
        and any(part["count"] for function in script["functions"] for part in function["ranges"])
    }


def test_an_accept_passes_the_files_that_the_architecture_lists(open_window: OpenWindow, site: Site) -> None:
    (lesson,) = site.add(PUNCTUAL)
    wait_until_settled(site, lesson.session_id)
    page = open_window(TUTOR, "#/to-mark")
    accept = card(page, lesson.session_id).get_by_role("button", name="Accept")
    expect(accept).to_be_visible()
    # The demo has a claim that waits for this tutor; it is the last that is loaded.
    expect(page.locator(".waiting li").first).to_be_visible()
    # What is loaded when the pointer or the focus comes near does not count.
    accept.hover()
    accept.focus()
    # Who is at the lesson that is live is told by a connection that stays open, so the network is never idle.
    page.wait_for_function(LOADED_ALL)
    devtools = page.context.new_cdp_session(page)
    start_coverage(devtools)
    accept.click()
    expect(card(page, lesson.session_id)).to_contain_text("Marked")
    steps, helpers = listed_files()
    assert files_run(devtools) == {*steps, *helpers}


def test_an_accept_passes_few_files() -> None:
    assert 0 < len(listed_files()[0]) <= MAX_FILES
