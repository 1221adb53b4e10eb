"""Alembic's entry into this history."""

from __future__ import annotations

from servicekit.database.migration import environment

environment.run()
