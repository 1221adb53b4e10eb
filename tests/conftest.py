"""Fixtures for every ring."""

from __future__ import annotations

pytest_plugins = ["testkit.postgres"]
