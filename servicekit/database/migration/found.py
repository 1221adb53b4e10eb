"""What a table looks like in an existing database: frozen values, read by `catalog`, judged by `adoption`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

#: relkind of an ordinary table in pg_class.
ORDINARY_TABLE = "r"
#: `character varying(20)`, `timestamp(3) without time zone`, `numeric(10,2)`: the modifier stands inside the name.
_MODIFIER = re.compile(r"\((\d+)(?:,-?\d+)?\)")


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundColumn:
    """A column as it is."""

    name: str
    #: As PostgreSQL's format_type prints it, with its modifier.
    type: str
    not_null: bool = False
    default: str | None = None
    #: Views that read the column: while they do, it can be neither dropped nor given another type.
    views: tuple[str, ...] = ()

    @property
    def base_type(self) -> str:
        """The type without length or precision."""
        return _MODIFIER.sub("", self.type)

    @property
    def size(self) -> int | None:
        """Length of a text or precision of a time; None: as much as the type can hold."""
        modifier = _MODIFIER.search(self.type)
        return int(modifier[1]) if modifier else None


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundIndex:
    """An index as it is."""

    #: Quoted and qualified, ready to be used in SQL.
    name: str
    #: Every column that it reads: keys, included ones, those in expressions and in its predicate.
    columns: frozenset[str]
    definition: str
    #: It guarantees that no two rows have the same values in exactly these columns (none: it guarantees nothing).
    unique_columns: tuple[str, ...] = ()
    #: It belongs to a constraint, so it can't be dropped alone.
    of_constraint: bool = False

    def finds(self, key: str, method: str) -> bool:
        """Whether queries by these columns alone can use it: it leads with them and leaves no row out."""
        leads = re.search(rf" USING {method} \({key}[ ,)]", self.definition) is not None
        return leads and " WHERE " not in self.definition


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundCheck:
    """A CHECK constraint as it is."""

    #: Quoted, ready to be used in SQL.
    name: str
    columns: frozenset[str]
    expression: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundTable:
    """A table (or view) as it is."""

    name: str
    kind: str = ORDINARY_TABLE
    owner: str
    #: Whether the migrating login may alter it.
    owned: bool = True
    fillfactor: int | None = None
    columns: Mapping[str, FoundColumn]
    indexes: tuple[FoundIndex, ...] = ()
    checks: tuple[FoundCheck, ...] = ()
