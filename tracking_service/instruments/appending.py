"""From events that were taken in to those that are acknowledged."""

from __future__ import annotations

from collections import Counter as Tally
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram

from tracking_service.domain.events import EventKind
from tracking_service.domain.journal import JournalRecord

_ACTIVITY: Final = "activity"
KINDS: Final = (*(kind.value for kind in EventKind), _ACTIVITY)
#: From an append to a database on the same machine to the time after which a server is taken for one that hangs.
SECONDS_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
#: Up to a full flush.
EVENTS_BUCKETS: Final = (1, 10, 100, 500, 1_000, 2_500, 5_000, 10_000, 20_000)


class AppendInstruments:
    """Of the journal's one writer; all of it is per flush or per submission, nothing per heartbeat."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        """Without a registry nobody sees it."""
        self._appended = Counter(
            "tracking_events_appended",
            "Events that are durably in the journal, by kind; activity: heartbeats that say what a user did.",
            ["kind"],
            registry=registry,
        )
        for kind in KINDS:
            self._appended.labels(kind)
        self.seconds = Histogram(
            "tracking_append_seconds",
            "How long an append to the journal took, its commit included.",
            buckets=SECONDS_BUCKETS,
            registry=registry,
        )
        self.events = Histogram(
            "tracking_append_events", "Events of an append.", buckets=EVENTS_BUCKETS, registry=registry
        )
        self.failures = Counter(
            "tracking_append_failures", "Appends that failed, and were tried again or given up.", registry=registry
        )
        self.conflicts = Counter(
            "tracking_append_conflicts",
            "Appends that were tried again because another transaction was in the way.",
            registry=registry,
        )
        self.acknowledgement_seconds = Histogram(
            "tracking_ack_seconds",
            "How long the events of a stream or a call waited until they could be acknowledged.",
            buckets=SECONDS_BUCKETS,
            registry=registry,
        )

    def note_appended(self, flush: JournalRecord) -> None:
        """Count what an append has committed."""
        kinds: Tally[str] = Tally({EventKind.HEARTBEAT: len(flush.heartbeats)})
        kinds.update(_ACTIVITY if event.is_interaction else event.kind for _, event in flush.events)
        for kind, count in kinds.items():
            self._appended.labels(kind).inc(count)
        self.events.observe(kinds.total())
