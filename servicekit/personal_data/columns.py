"""How a column can name a person.

Each service declares every column of its tables (docs/operations.md#personal-data).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import TypeAlias


class Names(Enum):
    """What a column has that says who somebody is."""

    #: users.id.
    USER = auto()
    #: An array of users.id.
    USERS = auto()
    #: student_profiles.id.
    STUDENT = auto()
    #: tutor_profiles.id.
    TUTOR = auto()
    #: The owner of a stream: `user:` and users.id.
    OWNER = auto()
    #: What somebody wrote, or what a person's device calls itself.
    TEXT = auto()
    #: JSON in which users are named.
    DOCUMENT = auto()
    #: Encoded events of many people, which are deleted by the hour.
    RECORDS = auto()
    #: Nobody.
    NOBODY = auto()


#: By table and column.
Columns: TypeAlias = Mapping[str, Mapping[str, Names]]


def of_nobody(names: str) -> dict[str, Names]:
    """Return the columns, separated by spaces, as those that name nobody."""
    return dict.fromkeys(names.split(), Names.NOBODY)


def naming(columns: Columns, *kinds: Names) -> list[tuple[str, str]]:
    """Return (table, column) of all columns of these kinds."""
    return [(table, column) for table, known in columns.items() for column, names in known.items() if names in kinds]
