"""Settings of PostgreSQL's planner for statements that find a few of many rows by their keys."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.engine import Connection

#: For thousands of keys at once the planner would rather scan and hash whole tables, which costs more with every
#: session that is stored. The writer's connections have these settings from the start; queries that need them call
#: `find_rows_by_key`.
FIND_ROWS_BY_KEY = {
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
}
_SETTINGS = ", ".join(f"set_config('{name}', '{value}', true)" for name, value in FIND_ROWS_BY_KEY.items())
_SET_LOCAL = text(f"SELECT {_SETTINGS}")


def find_rows_by_key(connection: Connection) -> None:
    """Apply the settings to the rest of the transaction."""
    connection.execute(_SET_LOCAL)
