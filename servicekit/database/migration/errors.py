"""Why a migration did not happen. Whoever reads these messages runs the database: they may name tables and columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class MigrationFailed(Exception):
    """The migration did not happen and nothing was changed; the message says what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing about an existing database that has to change before it can be adopted."""

    #: `table`, `table.column` or the name of a role.
    subject: str
    #: What is wrong, and what to do about it.
    description: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.description}"


class CannotAdopt(MigrationFailed):
    """The database is not one that can be adopted."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Tell every problem at once."""
        self.problems = tuple(problems)
        lines = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"This database can't be adopted as it is; nothing was changed.\n{lines}")
