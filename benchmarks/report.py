"""What a case found out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks import table


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """A goal, and what was measured."""

    goal: str
    measured: str
    is_met: bool

    @property
    def verdict(self) -> str:
        """In a word."""
        return "met" if self.is_met else "NOT MET"


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """One case's table, goals and remarks."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    checks: Sequence[Check] = ()
    #: What a reader has to know to read the figures right.
    notes: Sequence[str] = ()

    def __str__(self) -> str:
        parts = [f"{self.title}\n", table.render(self.header, self.rows)]
        if self.checks:
            parts.append("\n" + goals(self.checks))
        parts += [f"* {note}" for note in self.notes]
        return "\n".join(parts)


def goals(checks: Sequence[Check]) -> str:
    """Return a table of goals."""
    return table.render(("goal", "measured", ""), [(check.goal, check.measured, check.verdict) for check in checks])


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
