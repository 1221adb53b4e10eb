"""What a table has to look like: the one description from which it is created or an existing one is adopted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class WantedColumn:
    """A column: how it is created, and which existing ones will do."""

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
    #: What a conversion means for the values that are there; told after it.
    conversion: str = ""
    #: The smallest length or precision that is wide enough; None: any.
    size: int | None = None
    #: An existing table without this column can't be adopted.
    required: bool = False
    #: An existing table does as well without this column; one that is neither required nor optional is added.
    optional: bool = False
    #: Defaults and NULLs of the platform's own columns are the platform's business; those of documented ones are ours.
    documented: bool = False

    @property
    def definition(self) -> str:
        """The column as CREATE TABLE has it."""
        default = f"DEFAULT {self.default}" if self.default is not None else ""
        return " ".join(part for part in (self.name, self.type, default, self.constraint) if part)

    @property
    def addition(self) -> str:
        """The column as ADD COLUMN has it: without a default where old rows would claim what nobody knows."""
        return self.definition if self.documented else f"{self.name} {self.type} {self.constraint}".rstrip()


@dataclass(frozen=True, kw_only=True, slots=True)
class WantedIndex:
    """An index that a query needs; any existing one that begins with the columns does, whatever its name."""

    columns: tuple[str, ...]
    #: btree finds values, gin what arrays hold.
    method: str = "btree"
    #: The query that needs it; told when it is created.
    purpose: str

    @property
    def key(self) -> str:
        """The columns as CREATE INDEX has them."""
        return ", ".join(self.columns)


@dataclass(frozen=True, kw_only=True, slots=True)
class WantedTable:
    """A table of the platform."""

    name: str
    columns: tuple[WantedColumn, ...]
    #: Share of a page, in percent, that inserts fill; None: whatever it is.
    fillfactor: int | None = None
    #: Columns that change so often that no index may read them: it would forbid HOT updates.
    unindexed: frozenset[str] = frozenset()
    indexes: tuple[WantedIndex, ...] = ()

    @property
    def create_statement(self) -> str:
        """SQL that makes the table from nothing."""
        columns = ",\n    ".join(column.definition for column in self.columns)
        options = f" WITH (fillfactor = {self.fillfactor})" if self.fillfactor is not None else ""
        return f"CREATE TABLE {self.name} (\n    {columns}\n){options}"
