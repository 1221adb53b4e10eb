"""Of times in which this process saw nobody."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter


class CoverageInstruments:
    """Of gaps in what this process covers (docs/presence.md#observation-gaps)."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        """Without a registry nobody sees it."""
        self.gaps = Counter(
            "tracking_observation_gaps",
            "Times in which this process could take no events: it stood still, its queue was full, or the gateway was "
            "silent.",
            registry=registry,
        )
