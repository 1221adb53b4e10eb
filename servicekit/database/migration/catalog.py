"""Read what is there from PostgreSQL's catalog."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.engine import Connection

from servicekit.database.migration.errors import Problem
from servicekit.database.migration.found import FoundCheck, FoundColumn, FoundIndex, FoundTable

#: The table that an unqualified name means, whoever owns it.
_TABLE = text("""
SELECT c.oid::bigint AS oid, c.relkind::text AS kind, pg_get_userbyid(c.relowner)::text AS owner,
       pg_has_role(current_user, c.relowner, 'USAGE') AS owned,
       (SELECT option_value::int FROM pg_options_to_table(c.reloptions) WHERE option_name = 'fillfactor') AS fillfactor
FROM pg_class c
WHERE c.oid = to_regclass(:name)
""")

#: Its columns in their order, each with the views that read it.
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

#: Its indexes. Columns of expressions and predicates are known to pg_depend only, those of constraints to indkey only.
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

#: Its CHECK constraints.
_CHECKS = text("""
SELECT quote_ident(c.conname) AS name, pg_get_expr(c.conbin, c.conrelid) AS expression,
       ARRAY(SELECT a.attname::text FROM pg_attribute a
             WHERE a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)) AS columns
FROM pg_constraint c
WHERE c.conrelid = :oid AND c.contype = 'c'
ORDER BY c.conname
""")

#: The schema in which new tables will be, NULL if search_path names none that exists.
_SCHEMA = text("""
SELECT current_schema()::text AS name, current_user::text AS login,
       has_schema_privilege(current_user, current_schema(), 'CREATE') AS creates
""")

_EXISTS = text("SELECT to_regclass(:name) IS NOT NULL")


def read_schema_problem(connection: Connection) -> tuple[Problem, ...]:
    """Return the problem if the migrating login can't create tables; empty: it can."""
    schema = connection.execute(_SCHEMA).mappings().one()
    if schema["name"] is None:
        return (Problem(subject="search_path", description="names no schema that exists; create one for the tables"),)
    if not schema["creates"]:
        subject, login = f"schema {schema['name']}", schema["login"]
        description = f"{login} may not create tables in it; GRANT CREATE ON SCHEMA {schema['name']} TO {login}"
        return (Problem(subject=subject, description=description),)
    return ()


def exists(connection: Connection, name: str) -> bool:
    """Tell whether there is a table, view or other relation of this name."""
    return bool(connection.execute(_EXISTS, {"name": name}).scalar_one())


def column_names(connection: Connection, table: str) -> frozenset[str]:
    """Return the names of a table's columns; empty: there is no such table."""
    return frozenset(connection.execute(_COLUMN_NAMES, {"name": table}).scalars())


def read_table(connection: Connection, name: str) -> FoundTable | None:
    """Return the table of this name, None if there is none; reads only the catalog and locks nothing."""
    row = connection.execute(_TABLE, {"name": name}).mappings().one_or_none()
    if row is None:
        return None
    oid = row["oid"]
    columns = _columns(connection, oid)
    return FoundTable(
        name=name,
        kind=row["kind"],
        owner=row["owner"],
        owned=row["owned"],
        fillfactor=row["fillfactor"],
        columns={column.name: column for column in columns},
        indexes=_indexes(connection, oid),
        checks=_checks(connection, oid),
    )


def _columns(connection: Connection, oid: int) -> tuple[FoundColumn, ...]:
    rows = connection.execute(_COLUMNS, {"oid": oid}).mappings()
    return tuple(FoundColumn(**{**row, "views": tuple(row["views"])}) for row in rows)


def _indexes(connection: Connection, oid: int) -> tuple[FoundIndex, ...]:
    rows = connection.execute(_INDEXES, {"oid": oid}).mappings()
    return tuple(
        FoundIndex(
            name=row["name"],
            columns=frozenset(row["columns"]),
            definition=row["definition"],
            unique_columns=tuple(row["unique_columns"]),
            of_constraint=row["of_constraint"],
        )
        for row in rows
    )


def _checks(connection: Connection, oid: int) -> tuple[FoundCheck, ...]:
    rows = connection.execute(_CHECKS, {"oid": oid}).mappings()
    return tuple(
        FoundCheck(name=row["name"], columns=frozenset(row["columns"]), expression=row["expression"]) for row in rows
    )
