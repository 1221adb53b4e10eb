"""An empty database for what asks one."""

from __future__ import annotations

from testkit import shared_database

module_database, table_reset = shared_database.module_database, shared_database.table_reset
database = shared_database.database
