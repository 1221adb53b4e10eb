"""How much memory may be used before the kernel ends this process, and how much is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from prometheus_client import CollectorRegistry, Gauge

_KIB: Final = 1024


class Memory(NamedTuple):
    """In bytes."""

    limit: int
    #: By all processes to which the limit applies, also one that folds; without cached files that can be dropped.
    used: int


class _Files(NamedTuple):
    """Where the kernel says it of a control group."""

    folder: str
    limit: str
    used: str
    droppable: str


#: By the controllers of a line in /proc/self/cgroup; in version 2 of control groups they have no names there.
_FILES: Final = {
    "": _Files("sys/fs/cgroup", "memory.max", "memory.current", "inactive_file"),
    "memory": _Files("sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
}


def show_memory(registry: CollectorRegistry) -> None:
    """Show it as it is at each scrape: an operator may change the limit of a running container."""
    Gauge(
        "memory_limit_bytes",
        "Memory that may be used: the limit of the container, or what the machine has.",
        registry=registry,
    ).set_function(lambda: memory().limit)
    Gauge(
        "memory_used_bytes",
        "Memory that is used by the processes to which that limit applies, without cached files.",
        registry=registry,
    ).set_function(lambda: memory().used)


def memory(root: Path = Path("/")) -> Memory:
    """Return the least limit of the machine and of this process' control groups, and what is used of it."""
    return min((_of_machine(root), *_of_groups(root)), key=lambda found: found.limit)


def _of_machine(root: Path) -> Memory:
    lines = (line.split() for line in (root / "proc/meminfo").read_text().splitlines())
    bytes_of = {fields[0]: int(fields[1]) * _KIB for fields in lines}
    return Memory(bytes_of["MemTotal:"], bytes_of["MemTotal:"] - bytes_of["MemAvailable:"])


def _of_groups(root: Path) -> Iterator[Memory]:
    file = root / "proc/self/cgroup"
    # A kernel may have no control groups.
    for line in file.read_text().splitlines() if file.exists() else ():
        _, controllers, path = line.split(":", 2)
        if controllers in _FILES:
            files = _FILES[controllers]
            # In a container the path may be that of the machine, and the folder be that of its own group.
            for group in (PurePosixPath(path), *PurePosixPath(path).parents):
                yield from _of_group(root / files.folder / group.relative_to("/"), files)


def _of_group(folder: Path, files: _Files) -> Iterator[Memory]:
    try:
        limit, used = (int((folder / name).read_text()) for name in (files.limit, files.used))
        statistics = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):
        # There is no such group here, or its limit is "max".
        return
    yield Memory(limit, used - int(statistics[files.droppable]))
