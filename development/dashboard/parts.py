"""What a dashboard is made of: questions, graphs that answer them, and queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

#: Grafana's names of units.
Unit = Literal["short", "s", "percentunit", "reqps", "bytes", "cps", "none"]
#: Grafana fits it to the zoom, and keeps it longer than four scrapes.
RANGE: Final = "[$__rate_interval]"


@dataclass(frozen=True, slots=True)
class Query:
    """A query of PromQL, and how its lines are called; braces name labels."""

    expression: str
    legend: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Panel:
    """A graph."""

    title: str
    #: What it means, and which alert fires from where on.
    description: str
    unit: Unit
    queries: Sequence[Query]
    #: From where on an alert fires; drawn as a line.
    limit: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A row of the dashboard."""

    text: str
    panels: Sequence[Panel]


def rate(counter: str, *by: str) -> str:
    """Return how fast a counter grows, by these labels."""
    return f"sum by ({', '.join(by)}) (rate({counter}{RANGE}))"


def quantile(share: float, histogram: str) -> str:
    """Return the value below which this share of what a histogram counts is."""
    return f"histogram_quantile({share}, sum by (le) (rate({histogram}_bucket{RANGE})))"


def quantiles(histogram: str) -> tuple[Query, Query]:
    """Return the value that is usual, and the one of the slowest."""
    return Query(quantile(0.5, histogram), "half"), Query(quantile(0.99, histogram), "99 of 100")
