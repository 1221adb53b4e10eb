"""Take the pictures of the README and the documents from the demo, in a stack of its own that is thrown away."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from playwright.sync_api import Browser, Playwright, ViewportSize, sync_playwright

from testkit.browser import launch
from testkit.make_up import environment_for, running, state_directory
from testkit.source_tree import ROOT

IMAGES = ROOT / "docs" / "images"
_DESKTOP, _PHONE = ViewportSize(width=1200, height=880), ViewportSize(width=390, height=844)
#: Whether two characters look alike, as all do for which there is no font.
_LOOK_ALIKE = """(characters) => {
    const [one, other] = [...characters].map((character) => {
        const context = document.createElement("canvas").getContext("2d");
        context.fillText(character, 0, 12);
        return context.getImageData(0, 0, 20, 20).data.join();
    });
    return one === other;
}"""


class Picture(NamedTuple):
    """One picture: an address of the pages as the demo's first tutor sees it."""

    name: str
    address: str
    viewport: ViewportSize
    #: Whether a session is open in a dialog.
    has_dialog: bool = False
    #: Whether the picture leaves out what is around the dialog.
    is_cut_out: bool = False


PICTURES = (
    # Without the lesson in progress, which may be at night.
    Picture("sessions", "#/lessons?status=completed", _DESKTOP),
    # The student's connection breaks and comes back.
    Picture("session", "#/lessons/3", _DESKTOP, has_dialog=True, is_cut_out=True),
    # The student is late.
    Picture("phone", "#/lessons/2", _PHONE, has_dialog=True),
)


def main() -> None:
    """Run the command; exit status 1 with the reason if it can't be done."""
    argparse.ArgumentParser(prog="python -m testkit.screenshots", description=__doc__).parse_args()
    IMAGES.mkdir(exist_ok=True)
    with (
        sync_playwright() as playwright,
        _launched(playwright) as browser,
        state_directory() as directory,
        running(environment_for(directory)) as make_up,
    ):
        for picture in PICTURES:
            _take(picture, browser, make_up.url)


@contextmanager
def _launched(playwright: Playwright) -> Iterator[Browser]:
    with launch(playwright) as browser:
        with browser.new_page() as page:
            if page.evaluate(_LOOK_ALIKE, "✅✋"):
                sys.exit(
                    "There is no font with emoji, so the pictures would lack them: install fonts-noto-color-emoji."
                )
        yield browser


def _take(picture: Picture, browser: Browser, url: str) -> None:
    with browser.new_page(viewport=picture.viewport) as page:
        page.goto(f"{url}/{picture.address}")
        page.get_by_role("listitem").first.wait_for()
        if picture.has_dialog:
            page.get_by_role("button", name="Accept suggestion").wait_for()
            page.get_by_role("dialog").get_by_role("img").first.wait_for()
        file = IMAGES / f"{picture.name}.png"
        shown = page.get_by_role("dialog") if picture.is_cut_out else page
        shown.screenshot(path=file)
        sys.stdout.write(f"{file}\n")


if __name__ == "__main__":
    main()
