"""How often something was refused because a limit was reached."""

from __future__ import annotations

from collections.abc import Collection

from prometheus_client import CollectorRegistry, Counter


class LimitsHit:
    """Counts refusals by limit, whoever was refused."""

    def __init__(self, registry: CollectorRegistry | None = None, limits: Collection[str] = ()) -> None:
        """`limits` are shown before they are hit for the first time; without a registry nobody sees the counts."""
        self._refusals = Counter(
            "limits_hit",
            "Calls, events and sockets that were refused because of a limit.",
            ["limit"],
            registry=registry,
        )
        for limit in limits:
            self._refusals.labels(limit)

    def count(self, limit: str) -> None:
        """Count one refusal."""
        self._refusals.labels(limit).inc()
