"""Descriptions of tables, from which they are created, and with which existing ones are compared."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

#: Families of types, spelled as PostgreSQL's catalog spells them.
INTEGER: Final = frozenset({"integer"})
INTEGERS: Final = frozenset({"smallint", "integer", "bigint"})
INTEGER_ARRAY: Final = frozenset({"integer[]"})
TEXTS: Final = frozenset({"character varying", "text"})
#: CHAR(n), whose values are padded with spaces.
PADDED_TEXT: Final = frozenset({"character"})
ZONED_TIME: Final = frozenset({"timestamp with time zone"})
NAIVE_TIME: Final = frozenset({"timestamp without time zone"})
DATE: Final = frozenset({"date"})
TIME_OF_DAY: Final = frozenset({"time without time zone"})
#: Fractional digits of a PostgreSQL time: microseconds.
TIME_PRECISION: Final = 6


class IfMissing(Enum):
    """What to do if an existing table lacks a column."""

    #: Add the column.
    ADD = auto()
    #: Refuse to adopt the table: the column's values can't be guessed.
    REFUSE = auto()
    #: Adopt the table without the column.
    LEAVE_OUT = auto()


@dataclass(frozen=True, kw_only=True, slots=True)
class TargetColumn:
    """A column: how it is created, and which existing ones are accepted."""

    name: str
    #: As written in CREATE TABLE.
    type: str
    #: Further SQL after the type in CREATE TABLE and ADD COLUMN, such as REFERENCES.
    constraint: str = ""
    #: SQL expression of the default; None: no default.
    default: str | None = None
    #: Existing types (without length or precision) that are left as they are.
    accepts: frozenset[str]
    #: Existing types (without length or precision) that become `type` by PostgreSQL's own conversion.
    converts: frozenset[str] = frozenset()
    #: What a conversion means for the existing values; added to its note.
    conversion: str = ""
    #: The smallest length or precision that is wide enough; None: any.
    size: int | None = None
    if_missing: IfMissing = IfMissing.ADD
    #: Documented columns get our default and may be NULL; those of the platform's own columns are left alone.
    documented: bool = False

    @property
    def definition(self) -> str:
        """The column as CREATE TABLE has it."""
        default = f"DEFAULT {self.default}" if self.default is not None else ""
        return " ".join(part for part in (self.name, self.type, default, self.constraint) if part)

    @property
    def addition(self) -> str:
        """The column as ADD COLUMN has it; a platform column gets no default, which would invent facts for old rows."""
        return self.definition if self.documented else f"{self.name} {self.type} {self.constraint}".rstrip()


def documented_timestamp(name: str) -> TargetColumn:
    """Return a documented column of times; an existing one without a time zone is converted."""
    return TargetColumn(
        name=name,
        type="TIMESTAMPTZ",
        accepts=ZONED_TIME,
        converts=NAIVE_TIME,
        conversion="The old values are read as UTC.",
        size=TIME_PRECISION,
        documented=True,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class TargetIndex:
    """An index that a query needs; an existing one of any name is accepted if it begins with the columns."""

    columns: tuple[str, ...]
    #: btree finds values, gin finds the elements of arrays.
    method: str = "btree"
    #: The query that needs it, for the note about its creation.
    purpose: str

    @property
    def key(self) -> str:
        """The columns as CREATE INDEX has them."""
        return ", ".join(self.columns)


@dataclass(frozen=True, kw_only=True, slots=True)
class TargetTable:
    """A table that the services share with the platform."""

    name: str
    columns: tuple[TargetColumn, ...]
    #: Share of a page, in percent, that inserts fill; None: whatever it is.
    fillfactor: int | None = None
    #: Columns that change so often that no index may read them: it would rule out HOT updates.
    unindexed: frozenset[str] = frozenset()
    indexes: tuple[TargetIndex, ...] = ()

    @property
    def create_statement(self) -> str:
        """SQL that creates the table."""
        columns = ",\n    ".join(column.definition for column in self.columns)
        options = f" WITH (fillfactor = {self.fillfactor})" if self.fillfactor is not None else ""
        return f"CREATE TABLE {self.name} (\n    {columns}\n){options}"
