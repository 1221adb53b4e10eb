"""What clients of streams were told."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter


class StreamInstruments:
    """Of rejected events, and of streams that other calls took over."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        """Without a registry nobody sees it."""
        self._rejected = Counter(
            "tracking_events_rejected",
            "Events that were refused one by one, by the reason that the client got (docs/errors.md).",
            ["reason"],
            registry=registry,
        )
        self.takeovers = Counter(
            "tracking_stream_takeovers",
            "Streams that ended here because another call took them over.",
            registry=registry,
        )

    def note_rejected(self, reason: str) -> None:
        """Count one event."""
        self._rejected.labels(reason).inc()
