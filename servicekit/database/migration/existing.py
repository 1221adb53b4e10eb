"""Existing tables, as PostgreSQL's catalog describes them.

SQLAlchemy's inspector does not report owners, privileges, the views that read a column, the columns that expressions
of indexes and CHECK constraints read, or fillfactors; so the catalog is queried here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.engine import Connection

#: relkind of an ordinary table in pg_class.
ORDINARY_TABLE = "r"
#: `character varying(20)`, `timestamp(3) without time zone`, `numeric(10,2)`: the modifier stands inside the name.
_MODIFIER = re.compile(r"\((\d+)(?:,-?\d+)?\)")

#: The table that an unqualified name refers to.
_TABLE = text("""
SELECT c.oid::bigint AS oid, c.relkind::text AS kind, pg_get_userbyid(c.relowner)::text AS owner,
       pg_has_role(current_user, c.relowner, 'USAGE') AS owned,
       (SELECT option_value::int FROM pg_options_to_table(c.reloptions) WHERE option_name = 'fillfactor') AS fillfactor
FROM pg_class c
WHERE c.oid = to_regclass(:name)
""")

#: The table's columns in their order, each with the views that read it.
_COLUMNS = text("""
SELECT a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS not_null,
       pg_get_expr(d.adbin, d.adrelid) AS default,
       ARRAY(SELECT DISTINCT rewrite.ev_class::regclass::text
             FROM pg_depend dependency
             JOIN pg_rewrite rewrite ON rewrite.oid = dependency.objid
             WHERE dependency.classid = 'pg_rewrite'::regclass AND dependency.refclassid = 'pg_class'::regclass
               AND dependency.refobjid = a.attrelid AND dependency.refobjsubid = a.attnum
             ORDER BY 1) AS views
FROM pg_attribute a
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = :oid AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
""")

_COLUMN_NAMES = text("""
SELECT attname::text FROM pg_attribute WHERE attrelid = to_regclass(:name) AND attnum > 0 AND NOT attisdropped
""")

#: The table's indexes. Only pg_depend lists the columns of expressions and predicates, and only indkey those of
#: constraints.
_INDEXES = text("""
SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition,
       ARRAY(SELECT a.attname::text FROM pg_attribute a
             WHERE a.attrelid = i.indrelid AND (
                 a.attnum = ANY (i.indkey::int[])
                 OR a.attnum IN (SELECT dependency.refobjsubid FROM pg_depend dependency
                                 WHERE dependency.classid = 'pg_class'::regclass AND dependency.objid = i.indexrelid
                                   AND dependency.refclassid = 'pg_class'::regclass
                                   AND dependency.refobjid = i.indrelid))
               AND a.attnum > 0) AS columns,
       CASE WHEN i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL
            THEN ARRAY(SELECT a.attname::text FROM pg_attribute a
                       WHERE a.attrelid = i.indrelid AND a.attnum = ANY ((i.indkey::int[])[0:i.indnkeyatts - 1])
                       ORDER BY a.attnum)
            ELSE '{}' END AS unique_columns,
       EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.conrelid = i.indrelid) AS of_constraint
FROM pg_index i
WHERE i.indrelid = :oid
ORDER BY i.indexrelid
""")

#: The table's CHECK constraints.
_CHECKS = text("""
SELECT quote_ident(c.conname) AS name, pg_get_expr(c.conbin, c.conrelid) AS expression,
       ARRAY(SELECT a.attname::text FROM pg_attribute a
             WHERE a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)) AS columns
FROM pg_constraint c
WHERE c.conrelid = :oid AND c.contype = 'c'
ORDER BY c.conname
""")

_EXISTS = text("SELECT to_regclass(:name) IS NOT NULL")


@dataclass(frozen=True, kw_only=True, slots=True)
class ExistingColumn:
    """An existing column."""

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
class ExistingIndex:
    """An existing index."""

    #: Quoted and qualified, ready to be used in SQL.
    name: str
    #: Every column that it reads: keys, included ones, those in expressions and in its predicate.
    columns: frozenset[str]
    definition: str
    #: No two rows have the same values in exactly these columns; empty: the index does not guarantee uniqueness.
    unique_columns: tuple[str, ...] = ()
    #: It belongs to a constraint, so it can't be dropped alone.
    of_constraint: bool = False

    def finds(self, key: str, method: str) -> bool:
        """Whether queries by these columns alone can use it: it leads with them and leaves no row out."""
        leads = re.search(rf" USING {method} \({key}[ ,)]", self.definition) is not None
        return leads and " WHERE " not in self.definition


@dataclass(frozen=True, kw_only=True, slots=True)
class ExistingCheck:
    """An existing CHECK constraint."""

    #: Quoted, ready to be used in SQL.
    name: str
    columns: frozenset[str]
    expression: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ExistingTable:
    """An existing table, view or other relation."""

    name: str
    kind: str = ORDINARY_TABLE
    owner: str
    #: Whether the migrating login may alter it.
    owned: bool = True
    fillfactor: int | None = None
    columns: Mapping[str, ExistingColumn]
    indexes: tuple[ExistingIndex, ...] = ()
    checks: tuple[ExistingCheck, ...] = ()


def exists(connection: Connection, name: str) -> bool:
    """Return whether there is a table, view, index or other relation of this name."""
    return bool(connection.execute(_EXISTS, {"name": name}).scalar_one())


def column_names(connection: Connection, table: str) -> frozenset[str]:
    """Return the names of a table's columns; empty: there is no such table."""
    return frozenset(connection.execute(_COLUMN_NAMES, {"name": table}).scalars())


def read_table(connection: Connection, name: str) -> ExistingTable | None:
    """Return the table of this name, None if there is none; reads only the catalog and locks nothing."""
    row = connection.execute(_TABLE, {"name": name}).mappings().one_or_none()
    if row is None:
        return None
    oid = row["oid"]
    columns = _columns(connection, oid)
    return ExistingTable(
        name=name,
        kind=row["kind"],
        owner=row["owner"],
        owned=row["owned"],
        fillfactor=row["fillfactor"],
        columns={column.name: column for column in columns},
        indexes=_indexes(connection, oid),
        checks=_checks(connection, oid),
    )


def _columns(connection: Connection, oid: int) -> tuple[ExistingColumn, ...]:
    rows = connection.execute(_COLUMNS, {"oid": oid}).mappings()
    return tuple(ExistingColumn(**{**row, "views": tuple(row["views"])}) for row in rows)


def _indexes(connection: Connection, oid: int) -> tuple[ExistingIndex, ...]:
    rows = connection.execute(_INDEXES, {"oid": oid}).mappings()
    return tuple(
        ExistingIndex(
            name=row["name"],
            columns=frozenset(row["columns"]),
            definition=row["definition"],
            unique_columns=tuple(row["unique_columns"]),
            of_constraint=row["of_constraint"],
        )
        for row in rows
    )


def _checks(connection: Connection, oid: int) -> tuple[ExistingCheck, ...]:
    rows = connection.execute(_CHECKS, {"oid": oid}).mappings()
    return tuple(
        ExistingCheck(name=row["name"], columns=frozenset(row["columns"]), expression=row["expression"]) for row in rows
    )
