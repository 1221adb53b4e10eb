"""Texts that people write: notes, reasons and words of claims (docs/api.md#text-that-people-wrote)."""

from __future__ import annotations

import re
from enum import StrEnum

from attendance_service.wire import fields

#: About a page of text.
MAX_CHARACTERS = 2000
#: Where HTML begins a tag, an end tag, a comment or a declaration. Elsewhere `<` is only a sign, as in "5 < 6" or "<3".
_MARKUP = re.compile(r"<[A-Za-z/!?]")


class MarkupRule(StrEnum):
    """What becomes of a text with markup in it."""

    #: It is kept as it was written. Pages have to show it as text.
    ACCEPT = "accept"
    #: It is refused, for pages that can't be changed.
    REFUSE = "refuse"


class FreeTexts:
    """Reads them by the rule of this installation."""

    def __init__(self, markup: MarkupRule = MarkupRule.ACCEPT) -> None:
        """By default nothing is refused because of what it says."""
        self._refuses_markup = markup is MarkupRule.REFUSE

    def read(self, field: str, value: str) -> str:
        """Return the text; InvalidArgument if it is too long, can't be stored, or may not contain what it contains."""
        if len(value) > MAX_CHARACTERS:
            raise fields.invalid(field, f"must have at most {MAX_CHARACTERS} characters")
        if self._refuses_markup and (found := _MARKUP.search(value)):
            raise fields.invalid(
                field, f"must not contain markup, such as `{found[0]}`: write it without `<`, or put a space after it"
            )
        return fields.storable(field, value)
