"""Processor time of processes, from the system's own accounts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

import psutil

_ResultT = TypeVar("_ResultT")


def seconds_used(process: psutil.Process) -> float:
    """Return the processor seconds of a process and its children, those that ended included."""
    own = process.cpu_times()
    total: float = own.user + own.system + own.children_user + own.children_system
    for child in process.children(recursive=True):
        try:
            times = child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


def spent(processes: Mapping[str, psutil.Process], work: Callable[[], _ResultT]) -> tuple[_ResultT, dict[str, float]]:
    """Do some work and return its result, and the processor seconds that each process used meanwhile."""
    before = {name: seconds_used(process) for name, process in processes.items()}
    result = work()
    return result, {name: seconds_used(process) - before[name] for name, process in processes.items()}
