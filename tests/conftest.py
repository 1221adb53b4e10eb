"""Fixtures and plugins for every ring."""

from __future__ import annotations

from hypothesis import settings

# On a busy machine one example may take longer than the default of 200 ms.
settings.register_profile("any_machine", deadline=None)
settings.load_profile("any_machine")

pytest_plugins = [
    "testkit.postgres",
    "testkit.pytest_plugins.missing_browser",
    "testkit.pytest_plugins.parallel",
    "testkit.pytest_plugins.ring_durations",
    "testkit.pytest_plugins.thorough",
]
