"""What the kernel says about memory, as containers see it."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from servicekit.metrics.memory import Memory, memory, show_memory

MACHINE = Memory(limit=8 << 30, used=3 << 30)
CONTAINER = Memory(limit=1 << 30, used=900 << 20)
CACHED = 50 << 20


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path / "proc/meminfo", f"MemTotal: {8 << 20} kB\nMemFree: 1 kB\nMemAvailable: {5 << 20} kB")
    return tmp_path


def write(file: Path, content: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{content}\n")


def second_version(folder: Path, limit: object = CONTAINER.limit) -> None:
    write(folder / "memory.max", limit)
    write(folder / "memory.current", CONTAINER.used + CACHED)
    write(folder / "memory.stat", f"anon 7\ninactive_file {CACHED}")


def test_outside_of_containers_it_is_the_machines(root: Path) -> None:
    write(root / "proc/self/cgroup", "0::/user.slice")
    second_version(root / "sys/fs/cgroup/user.slice", "max")
    assert memory(root) == MACHINE


def test_so_it_is_where_the_kernel_has_no_control_groups(root: Path) -> None:
    assert memory(root) == MACHINE


@pytest.mark.parametrize("folder", ["", "kubepods/pod", "kubepods"])
def test_in_a_container_it_is_that_of_the_group_with_the_least_limit(root: Path, folder: str) -> None:
    write(root / "proc/self/cgroup", "0::/kubepods/pod")
    second_version(root / "sys/fs/cgroup" / folder)
    assert memory(root) == CONTAINER


def test_so_it_is_with_the_first_version_of_control_groups(root: Path) -> None:
    write(root / "proc/self/cgroup", "4:memory:/docker/1\n3:cpuset:/\n0::/")
    for folder, limit in (("", 1 << 62), ("docker/1", CONTAINER.limit)):
        group = root / "sys/fs/cgroup/memory" / folder
        write(group / "memory.limit_in_bytes", limit)
        write(group / "memory.usage_in_bytes", CONTAINER.used + CACHED)
        write(group / "memory.stat", f"inactive_file 1\ntotal_inactive_file {CACHED}")
    assert memory(root) == CONTAINER


def test_every_process_shows_it() -> None:
    registry = CollectorRegistry()
    show_memory(registry)
    limit, used = (registry.get_sample_value(f"memory_{name}_bytes") for name in ("limit", "used"))
    assert limit is not None
    assert used is not None
    assert 0 < used < limit
