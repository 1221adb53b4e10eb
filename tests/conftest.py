"""Fixtures and plugins for every ring."""

from __future__ import annotations

pytest_plugins = [
    "testkit.postgres",
    "testkit.pytest_plugins.missing_browser",
    "testkit.pytest_plugins.parallel",
    "testkit.pytest_plugins.ring_durations",
    "testkit.pytest_plugins.thorough",
]
