"""Take the pictures of the README and the documents from the demo, in a stack of its own that is thrown away."""

from __future__ import annotations

import argparse
import sys
from typing import Literal, NamedTuple

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from testkit.browser import launch
from testkit.make_up import environment_for, running, state_directory
from testkit.source_tree import ROOT

IMAGES = ROOT / "docs" / "images"
_DESKTOP, _PHONE = ViewportSize(width=1200, height=880), ViewportSize(width=390, height=844)


class Picture(NamedTuple):
    """One picture: an address of the pages as a person of the demo sees it."""

    name: str
    address: str
    viewport: ViewportSize
    #: The selector of what is there once the page has loaded.
    awaited: str
    #: The name of the person in the demo's chooser; by default its first tutor.
    who: str = ""
    is_dark: bool = False
    #: The selector of what the picture shows; by default the window.
    cut_out: str = ""


#: Seconds.
SETTLES_SOON = "0.2"
#: The time zone of the lessons.
ZONE = "Africa/Addis_Ababa"
ACCEPT = ".row .accept"
LESSONS = ".row:not(.to-come) .chip"
DECISION = ".review .presence-bar"
PICTURES = (
    # Beside the list the lesson in which the student's connection breaks and comes back.
    Picture("to-mark", "#/to-mark/3", ViewportSize(width=1360, height=900), DECISION),
    # The student is late.
    Picture("phone", "#/to-mark/2", _PHONE, DECISION),
    Picture("phone-list", "#/to-mark", _PHONE, ACCEPT, is_dark=True),
    Picture("week", "#/week", _DESKTOP, ".week a"),
    Picture("reports", "#/reports", _DESKTOP, "main figure", who="Tigist Worku"),
    Picture("record", "#/record", _PHONE, "main .chip", who="Sara Alemu"),
)


def main() -> None:
    """Run the command; exit status 1 with the reason if it can't be done."""
    argparse.ArgumentParser(prog="python -m testkit.screenshots", description=__doc__).parse_args()
    IMAGES.mkdir(exist_ok=True)
    with (
        sync_playwright() as playwright,
        launch(playwright) as browser,
        state_directory() as directory,
        running({**environment_for(directory), "SETTLING_INTERVAL_SECONDS": SETTLES_SOON}) as make_up,
    ):
        _wait_for_suggestions(browser, make_up.url)
        for picture in PICTURES:
            _take(picture, browser, make_up.url)


def _wait_for_suggestions(browser: Browser, url: str) -> None:
    """Wait until the list says what is suggested: the lessons of the demo settle a moment after its start."""
    with browser.new_page() as page:
        page.goto(f"{url}/#/to-mark")
        page.locator(LESSONS).first.wait_for()
        while not page.locator(ACCEPT).count():
            page.reload()
            page.locator(LESSONS).first.wait_for()


def _take(picture: Picture, browser: Browser, url: str) -> None:
    scheme: Literal["dark", "light"] = "dark" if picture.is_dark else "light"
    with browser.new_context(viewport=picture.viewport, color_scheme=scheme, timezone_id=ZONE) as context:
        page = context.new_page()
        page.goto(url)
        page.locator("body:not([aria-busy])").wait_for()
        if picture.who:
            _sign_in(page, picture.who)
        page.goto(f"{url}/{picture.address}")
        # Else the page would go on from what it showed before.
        page.reload()
        page.locator(picture.awaited).first.wait_for()
        # Fonts and icons.
        page.wait_for_load_state("load")
        file = IMAGES / f"{picture.name}.png"
        shown = page.locator(picture.cut_out) if picture.cut_out else page
        shown.screenshot(path=file, animations="disabled")
        sys.stdout.write(f"{file}\n")


def _sign_in(page: Page, name: str) -> None:
    """Choose a person in the menu of the demo."""
    page.get_by_role("banner").get_by_role("button", name="account").click()
    option = page.locator("#people option", has_text=name)
    page.locator("#people").select_option(value=option.get_attribute("value"))


if __name__ == "__main__":
    main()
