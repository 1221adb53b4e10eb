"""The messages of a page: their regions are always there, and mostly empty."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page

_SOMETHING = re.compile(r"\S")


def alert(place: Page | Locator) -> Locator:
    """Return the alert that is shown."""
    return place.get_by_role("alert").filter(has_text=_SOMETHING)


def status(place: Page | Locator) -> Locator:
    """Return the status message that is shown."""
    return place.get_by_role("status").filter(has_text=_SOMETHING)
