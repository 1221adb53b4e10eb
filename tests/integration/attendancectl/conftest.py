"""One database for the tests that only read; who breaks something gets one of its own."""

from __future__ import annotations

from testkit.shared_database import module_database

__all__ = ["module_database"]
