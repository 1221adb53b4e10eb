"""Which files an "accept" passes: what `docs/architecture.md` lists is what the browser runs."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from playwright.sync_api import CDPSession, expect

from development.demo.people import person
from development.demo.story import Story, stay
from testkit.source_tree import ROOT
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.site import Site

TUTOR = person(101)
PUNCTUAL = Story(what="Punctual", enrolment=1, starts_in=-22, tutor=stay(0, 60), students={201: stay(0, 60)})
MAX_FILES = 19
#: Of which every page is made: elements, messages, words, dates and numbers.
SHARED = {
    f"gateway/web/assets/{name}.js"
    for name in ("chips", "clock", "components", "dates", "elements", "localization", "notices", "numbers", "words")
}
_SECTION = re.compile(r'^## The files an "accept" passes\n(.*?)(?=^## |\Z)', re.MULTILINE | re.DOTALL)
_ITEM = re.compile(r"^\d+\. `([^`]+)`", re.MULTILINE)
#: Back in the list, the address is read again; that is so after every dialog, and no part of an "accept".
STAY = "() => { history.back = () => {}; }"


def listed_files() -> list[str]:
    """Return the files that the document lists."""
    section = _SECTION.search((ROOT / "docs" / "architecture.md").read_text())
    assert section is not None
    return _ITEM.findall(section[1])


def start_coverage(devtools: CDPSession) -> None:
    devtools.send("Profiler.enable")
    devtools.send("Profiler.startPreciseCoverage", {"callCount": True, "detailed": False})
    # Taking it resets the counts: what ran until now does not count.
    devtools.send("Profiler.takePreciseCoverage")


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
    page = open_window(TUTOR)
    page.locator(f"[data-session='{lesson.session_id}']").click()
    accept = page.locator("button.decide")
    expect(accept).to_have_text("Mark you and Sara present")
    page.evaluate(STAY)
    devtools = page.context.new_cdp_session(page)
    start_coverage(devtools)
    accept.click()
    expect(page.locator(".review")).to_have_count(0)
    assert files_run(devtools) - SHARED == set(listed_files())


def test_an_accept_passes_few_files() -> None:
    assert 0 < len(listed_files()) <= MAX_FILES
