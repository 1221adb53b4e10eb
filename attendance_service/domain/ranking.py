"""Rankings: highest value first, entries without one last, equal ones in the order of their ids."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class RankPosition:
    """An entry by what a ranking is ordered by."""

    #: None: the entry has no value.
    value: float | None
    identifier: int

    @property
    def order(self) -> tuple[bool, float, int]:
        """What to sort by."""
        return self.value is None, -(self.value or 0), self.identifier
