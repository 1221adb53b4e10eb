"""Take the pictures of the README and the documents from the demo, in a stack of its own that is thrown away."""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, Playwright, ViewportSize, sync_playwright

from development.environment import ROOT
from development.postgres import EmbeddedPostgres

IMAGES = ROOT / "docs" / "images"
PORTS = ("GATEWAY_PORT", "TRACKING_PORT", "ATTENDANCE_PORT", "SOCKET_PORT")
#: The last line that `make up` prints when everything runs.
READY = "stops all of it"
#: PostgreSQL runs as another user where this one is root, and has to reach its data.
_TRAVERSABLE = 0o755
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
    #: Whether a session is open.
    has_dialog: bool = False


PICTURES = (
    # Without the lesson in progress, which may be at night.
    Picture("sessions", "#/sessions?status=completed", _DESKTOP),
    # The student's connection breaks and comes back.
    Picture("session", "#/sessions/3", _DESKTOP, has_dialog=True),
    # The student is late.
    Picture("phone", "#/sessions/2", _PHONE, has_dialog=True),
)


def main() -> None:
    """Run the command; exit status 1 with the reason if it can't be done."""
    argparse.ArgumentParser(prog="python -m development.screenshots", description=__doc__).parse_args()
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright, _launched(playwright) as browser, _demo() as url:
        for picture in PICTURES:
            _take(picture, browser, url)


@contextmanager
def _launched(playwright: Playwright) -> Iterator[Browser]:
    path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    with playwright.chromium.launch(executable_path=path) as browser:
        with browser.new_page() as page:
            if page.evaluate(_LOOK_ALIKE, "✅✋"):
                sys.exit(
                    "There is no font with emoji, so the pictures would lack them: install fonts-noto-color-emoji."
                )
        yield browser


@contextmanager
def _demo() -> Iterator[str]:
    """Run everything with demo data on free ports and yield the gateway's address."""
    directory = Path(tempfile.mkdtemp(prefix="astegni-screenshots-"))
    directory.chmod(_TRAVERSABLE)
    ports = dict(zip(PORTS, _free_ports(len(PORTS)), strict=True))
    own = {"STATE_DIRECTORY": str(directory), "DATABASE_URL": "", **ports}
    command = [sys.executable, "-m", "development.up"]
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **own}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        printed: list[str] = []
        for line in process.stdout or ():
            printed.append(line)
            if READY in line:
                break
        else:
            sys.exit(f"The demo did not start:\n{''.join(printed)}")
        yield f"http://127.0.0.1:{ports['GATEWAY_PORT']}"
    finally:
        process.terminate()
        process.communicate()
        EmbeddedPostgres(directory / "postgres").stop()
        shutil.rmtree(directory)


def _take(picture: Picture, browser: Browser, url: str) -> None:
    with browser.new_page(viewport=picture.viewport) as page:
        page.goto(f"{url}/{picture.address}")
        page.get_by_role("listitem").first.wait_for()
        if picture.has_dialog:
            page.get_by_role("button", name="Accept suggestion").wait_for()
            page.get_by_role("dialog").get_by_role("img").first.wait_for()
        file = IMAGES / f"{picture.name}.png"
        page.screenshot(path=file)
        print(file.relative_to(ROOT))


def _free_ports(count: int) -> list[str]:
    with ExitStack() as stack:
        listeners = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [str(listener.getsockname()[1]) for listener in listeners]


if __name__ == "__main__":
    main()
