"""What is true of this process when somebody scrapes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

from prometheus_client import CollectorRegistry, Gauge


@dataclass(frozen=True, kw_only=True, slots=True)
class ProcessState:
    """How to read each value. They are read in a thread of the scrape's."""

    append_queue_events: Callable[[], float]
    append_queue_limit_events: Callable[[], float]
    append_oldest_wait_seconds: Callable[[], float]
    heartbeat_streams: Callable[[], float]
    status_watches: Callable[[], float]
    coverage_age_seconds: Callable[[], float]
    relay_clock_offset_max_seconds: Callable[[], float]


_HELP = {
    "append_queue_events": "Events that were taken in and wait to be appended to the journal.",
    "append_queue_limit_events": "How many may wait. Beyond that streams are not read and calls are refused.",
    "append_oldest_wait_seconds": "For how long the oldest event has waited for its acknowledgement; 0 if none waits.",
    "heartbeat_streams": "Streams of heartbeats that are open.",
    "status_watches": "Subscriptions of connection statuses that are open.",
    "coverage_age_seconds": "How long ago this process last recorded that it takes events and loses none.",
    "relay_clock_offset_max_seconds": "By how much the clock of a relay is off that has a stream open, at most.",
}


def show(registry: CollectorRegistry, state: ProcessState) -> None:
    """Show the values as gauges."""
    for field in fields(state):
        gauge = Gauge(f"tracking_{field.name}", _HELP[field.name], registry=registry)
        gauge.set_function(getattr(state, field.name))
