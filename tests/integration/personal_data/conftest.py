"""One database for each file, with empty tables for each test."""

from __future__ import annotations

from testkit.shared_database import database, module_database, table_reset

__all__ = ["database", "module_database", "table_reset"]
