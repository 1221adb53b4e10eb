"""What a page tells: its regions for messages are always there, mostly empty."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page

_SOMETHING = re.compile(r"\S")


def alert(place: Page | Locator) -> Locator:
    """Return what is told as an alert at the moment."""
    return place.get_by_role("alert").filter(has_text=_SOMETHING)


def status(place: Page | Locator) -> Locator:
    """Return what is told as a status at the moment."""
    return place.get_by_role("status").filter(has_text=_SOMETHING)
