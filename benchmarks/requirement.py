"""What a measurement needs that does not come with the project, and how to get it."""

from __future__ import annotations

import importlib.util
import shutil
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Requirement:
    """Programs on the path, or modules of Python."""

    programs: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    #: The command that installs them.
    install: str

    @property
    def missing(self) -> list[str]:
        """What is not installed."""
        programs = [name for name in self.programs if shutil.which(name) is None]
        return programs + [name for name in self.modules if importlib.util.find_spec(name) is None]

    def absence(self, measurement: str) -> str:
        """Say why something was not measured, and what helps."""
        return f"{measurement}: not measured. Missing: {', '.join(self.missing)}. To install: {self.install}"


FASTAPI = Requirement(modules=("fastapi", "uvicorn"), install=".venv/bin/pip install fastapi uvicorn")
REDIS = Requirement(programs=("redis-server", "redis-benchmark"), install="apt-get install redis-server")
ETCD = Requirement(programs=("etcd",), install="apt-get install etcd-server")
