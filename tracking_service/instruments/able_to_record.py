"""Whether this process can write."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Gauge


class AbleToRecord:
    """Noted by all who write for as long as the process runs; coverage does so every two seconds."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        """Take it for able until a write fails; without a registry nobody sees it."""
        self._gauge = Gauge(
            "tracking_able_to_record",
            "1 if the last write to the database succeeded, else 0; there is one every 2 s at least.",
            registry=registry,
        )
        self.note(is_able=True)

    def note(self, *, is_able: bool) -> None:
        """Note whether a write succeeded."""
        self._gauge.set(is_able)
