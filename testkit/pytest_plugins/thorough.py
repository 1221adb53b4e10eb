"""What is too slow for every run: `make test-all` sets THOROUGH=1 and runs it."""

from __future__ import annotations

import os
from typing import TypeVar

import pytest

IS_THOROUGH = bool(os.environ.get("THOROUGH"))

_ValueT = TypeVar("_ValueT")


def thoroughly(daily: _ValueT, *, thorough: _ValueT) -> _ValueT:
    """Return how many rounds (examples, seconds) a test takes in this run."""
    return thorough if IS_THOROUGH else daily


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line("markers", "thorough: too slow for every run; `make test-all` runs it")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave marked tests out of a usual run."""
    if IS_THOROUGH:
        return
    left_out = [item for item in items if item.get_closest_marker("thorough")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
