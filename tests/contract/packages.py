"""Every module of the product, for tests that walk through all of it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import TypeVar

import attendance_service
import attendancectl
import development
import gateway
import heartbeat_relay
import servicekit
import tracking_service

PACKAGES = (servicekit, tracking_service, attendance_service, gateway, heartbeat_relay, attendancectl, development)

_T = TypeVar("_T")


def modules() -> Iterator[ModuleType]:
    """Import every module that may be imported; Alembic runs its own ones, and `__main__` acts when it is imported."""
    for package in PACKAGES:
        yield package
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith((".__main__", ".migration.env")):
                yield importlib.import_module(found.name)


def subclasses(of: type[_T]) -> set[type[_T]]:
    """Return every class of the product that descends from `of`, which is one of them only if it is the product's."""
    for _ in modules():
        pass
    names = tuple(f"{package.__name__}." for package in PACKAGES)
    return {kind for kind in _descendants(of) if f"{kind.__module__}.".startswith(names)}


def _descendants(of: type[_T]) -> Iterator[type[_T]]:
    for kind in of.__subclasses__():
        yield kind
        yield from _descendants(kind)
