"""Runs tests on several workers: how many, and which tests have to share one.

Most tests wait (for a process to start, for a browser, for a timeout), so there are more workers than processors.
A work unit is a test file, or all files that share something expensive to start.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler.loadscope import LoadScopeScheduling

WORKERS_PER_PROCESSOR = 2
#: Each worker may run a PostgreSQL, an Envoy and a browser.
MAX_WORKERS = 8
#: A worker needs seconds to import everything and to collect the tests; for few units that is not worth it.
MIN_UNITS_FOR_WORKERS = 20

#: Files with these prefixes share a unit: a browser, an Envoy or a PostgreSQL that one process starts for all of them.
UNITS = (
    "tests/e2e/browser/",
    "tests/e2e/make_up/",
    "tests/fuzz/",
)
#: Units start in this order, the longest first, so that no worker is left alone with a long one at the end. A folder's
#: units follow each other: Playwright keeps an event loop running in its thread until the folder's last test has ended.
STARTS_FIRST = (
    "tests/e2e/pages/",
    "tests/e2e/browser/",
    "tests/e2e/",
    "tests/fuzz/",
    "tests/recovery/",
    "tests/integration/",
)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Answer `--numprocesses=auto`; 0 runs the tests in this process."""
    paths = (config.invocation_params.dir / argument.partition("::")[0] for argument in config.args)
    return worker_count(paths, root=config.rootpath, only_some=bool(config.getoption("keyword")))


def worker_count(paths: Iterable[Path], *, root: Path, only_some: bool) -> int:
    """Return how many workers are worth their start for the tests below these paths."""
    files = chain.from_iterable(path.rglob("test_*.py") if path.is_dir() else [path] for path in paths)
    units = {unit_of(str(file.relative_to(root))) for file in files}
    if only_some or len(units) < MIN_UNITS_FOR_WORKERS:
        return 0
    return min(WORKERS_PER_PROCESSOR * len(os.sched_getaffinity(0)), MAX_WORKERS)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Sort the tests as workers shall start them; where there are no workers, quick tests stay first."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: start_rank(item.nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> UnitScheduling:
    """Distribute units, whatever `--dist` says."""
    return UnitScheduling(config, log)


class UnitScheduling(LoadScopeScheduling):  # type: ignore[misc] # xdist has no types
    """Gives each worker one unit after the other, in the order of collection (`--no-loadscope-reorder`)."""

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)


def unit_of(nodeid: str) -> str:
    """Return the name of the unit that a test belongs to."""
    return next((unit for unit in UNITS if nodeid.startswith(unit)), nodeid.partition("::")[0])


def start_rank(nodeid: str) -> int:
    """Return a number that is lower the earlier a test should start."""
    return next((rank for rank, prefix in enumerate(STARTS_FIRST) if nodeid.startswith(prefix)), len(STARTS_FIRST))
