"""What somebody typed to find sessions or students by."""

from __future__ import annotations

import re
from dataclasses import dataclass

from servicekit.identifiers import MAX_ID, TutoringSessionId

#: A long course name; who types more looks for nothing that is there.
LARGEST_SEARCH_CHARACTERS = 100
_NUMBER = re.compile(r"#?([0-9]+)", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class Search:
    """Words that all have to occur, in any order and case; none: everything fits."""

    words: tuple[str, ...] = ()

    @property
    def session_id(self) -> TutoringSessionId | None:
        """The session that is meant where a number alone was typed, as `12` or `#12`."""
        number = _NUMBER.fullmatch(self.words[0]) if len(self.words) == 1 else None
        if number is None or not 0 < int(number[1]) <= MAX_ID:
            return None
        return TutoringSessionId(int(number[1]))


EVERYTHING = Search()


def search_of(typed: str) -> Search:
    """Return what to look for; spaces part the words."""
    return Search(words=tuple(typed.split()))
