"""Fixtures and plugins for every ring."""

from __future__ import annotations

import os

from hypothesis import settings

# gRPC's fork handlers disturb its threads, and children that only start a program; to be set before gRPC is imported.
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"
# On a busy machine one example may take longer than the default of 200 ms.
settings.register_profile("any_machine", deadline=None)
settings.load_profile("any_machine")

pytest_plugins = [
    "testkit.postgres",
    "testkit.pytest_plugins.collection",
    "testkit.pytest_plugins.forked_services",
    "testkit.pytest_plugins.missing_browser",
    "testkit.pytest_plugins.missing_engine",
    "testkit.pytest_plugins.missing_promtool",
    "testkit.pytest_plugins.parallel",
    "testkit.pytest_plugins.ring_durations",
    "testkit.pytest_plugins.second_attempts",
    "testkit.pytest_plugins.thorough",
]
