"""Presence measured against a window (DESIGN 5.8)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from servicekit.clock import Instant
from tracking_service.domain.coverage import clipped
from tracking_service.domain.gaps import EVERYTHING_OBSERVED, Unobserved
from tracking_service.domain.intervals import Stretch
from tracking_service.domain.presence import Interval, Presence
from tracking_service.domain.windows import Window, duration, overlap, touches, union_duration


@dataclass(frozen=True, kw_only=True, slots=True)
class PresenceInWindow:
    """What is known of one participant, measured against a window; durations in microseconds."""

    connected: bool
    first_connected_at: Instant | None
    last_seen_at: Instant | None
    last_disconnected_at: Instant | None
    #: Assumed presence included, as in `total_active`.
    active: int
    total_active: int
    reconnect_count: int
    #: What was seen and touches the window.
    intervals: tuple[Interval, ...]
    #: What is assumed, in or out of the window; disjoint from what was seen.
    assumed: tuple[Stretch, ...]
    #: Parts of the window of which nothing can be known.
    unknown: tuple[Window, ...]
    arrival_uncertain_since: Instant | None


def measure(
    presence: Presence, window: Window, *, now: Instant, timeout: int, unobserved: Unobserved = EVERYTHING_OBSERVED
) -> PresenceInWindow:
    """Measure one participant's presence; `timeout` is in microseconds."""
    touching = tuple(interval for interval in presence.intervals if touches(interval.stretch, window))
    assumed = _assumed(presence, unobserved, window)
    everything = [*(interval.stretch for interval in presence.intervals), *assumed]
    last = presence.last
    alive = last is not None and last.is_alive(now, timeout)
    return PresenceInWindow(
        connected=alive,
        first_connected_at=presence.intervals[0].stretch.started_at if last else None,
        last_seen_at=last.stretch.last_sign_at if last else None,
        last_disconnected_at=last.stretch.ended_at if last and not alive else None,
        active=sum(overlap(stretch, window) for stretch in everything),
        total_active=sum(duration(stretch) for stretch in everything),
        reconnect_count=_reconnects(touching, unobserved.assumed),
        intervals=touching,
        assumed=assumed,
        unknown=clipped(unobserved.unknown, window),
        arrival_uncertain_since=unobserved.arrival_uncertain_since,
    )


def assumed_in_union(presences: Iterable[tuple[Presence, PresenceInWindow]]) -> int:
    """Return for how long nobody of several was seen and somebody is assumed to have been there, in microseconds."""
    pairs = list(presences)
    seen = [interval.stretch for presence, _ in pairs for interval in presence.intervals]
    assumed = list(chain.from_iterable(measured.assumed for _, measured in pairs))
    return union_duration([*seen, *assumed]) - union_duration(seen)


def _assumed(presence: Presence, unobserved: Unobserved, window: Window) -> tuple[Stretch, ...]:
    """Return assumed presence; an arrival that was not seen is not put before the window, for want of any reason."""
    stretches = [_stretch(silence) for silence in unobserved.assumed]
    since = unobserved.arrival_uncertain_since
    if since is not None:
        arrival = Window(max(since, window.start), presence.intervals[0].stretch.started_at)
        if arrival.start < arrival.end:
            stretches.insert(0, _stretch(arrival))
    return tuple(stretches)


def _stretch(window: Window) -> Stretch:
    return Stretch(window.start, window.end, window.end)


def _reconnects(touching: Sequence[Interval], bridged: Iterable[Window]) -> int:
    """Count the silences between intervals; they are longer than the timeout, and bridged ones are none."""
    if not touching:
        return 0
    first, last = touching[0].stretch, touching[-1].stretch
    inside = sum(first.ended_at <= silence.start and silence.end <= last.started_at for silence in bridged)
    return len(touching) - 1 - inside
