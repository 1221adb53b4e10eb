"""One participant's presence, measured against a window (docs/presence.md#windows)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from servicekit.clock import MICROSECONDS_PER_SECOND, Instant
from servicekit.time_ranges import TimeRange, clip, union
from tracking_service.domain.observation_gaps import NO_EFFECTS, GapEffects
from tracking_service.domain.presence import Interval, Presence


@dataclass(frozen=True, kw_only=True, slots=True)
class PresenceInWindow:
    """What is known of one participant, measured against a window; durations in microseconds."""

    connected: bool
    first_connected_at: Instant | None
    last_seen_at: Instant | None
    last_disconnected_at: Instant | None
    #: Includes assumed presence, as `total_active` does.
    active: int
    total_active: int
    reconnect_count: int
    #: What was seen and touches the window.
    intervals: tuple[Interval, ...]
    #: What is assumed, in or out of the window; disjoint from what was seen.
    assumed: tuple[TimeRange[Instant], ...]
    #: Parts of the window of which nothing can be known.
    unknown: tuple[TimeRange[Instant], ...]
    arrival_uncertain_since: Instant | None


class DocumentedPresence(NamedTuple):
    """Presence of all participants of a role, as the documented columns say."""

    #: None: not known.
    since: Instant | None
    until: Instant | None
    total_seconds: int


def measure(
    presence: Presence,
    window: TimeRange[Instant],
    *,
    now: Instant,
    timeout: int,
    gap_effects: GapEffects = NO_EFFECTS,
) -> PresenceInWindow:
    """Measure one participant's presence; `timeout` is in microseconds."""
    dated = presence.intervals if gap_effects.dated_intervals is None else gap_effects.dated_intervals
    touching = tuple(interval for interval in dated if touches(interval.span.time_range, window))
    assumed = _assumed(dated, gap_effects, window)
    present = [*(interval.span.time_range for interval in dated), *assumed]
    last = presence.last
    alive = last is not None and last.is_alive(now, timeout)
    return PresenceInWindow(
        connected=alive,
        first_connected_at=dated[0].span.started_at if dated else None,
        last_seen_at=last.span.last_sign_at if last else None,
        last_disconnected_at=last.span.ended_at if last and not alive else None,
        active=_duration(clip(present, window)),
        total_active=_duration(present),
        reconnect_count=_reconnects(touching, gap_effects.assumed),
        intervals=touching,
        assumed=assumed,
        unknown=clip(gap_effects.unknown, window),
        arrival_uncertain_since=gap_effects.arrival_uncertain_since,
    )


def touches(time_range: TimeRange[Instant], window: TimeRange[Instant]) -> bool:
    """Return whether the range has a point in common with the window."""
    if time_range.start == time_range.end:
        return window.start <= time_range.start < window.end
    return time_range.start < window.end and time_range.end > window.start


def assumed_in_union(presences: Iterable[tuple[Presence, PresenceInWindow]]) -> int:
    """Return for how long none of several participants was seen and one is assumed present, in microseconds."""
    pairs = list(presences)
    seen = union(_seen(pairs))
    return _duration(union([*seen, *_assumed_of(pairs)])) - _duration(seen)


def seconds_in_window(
    presences: Iterable[tuple[Presence, PresenceInWindow]],
    window: TimeRange[Instant],
    *,
    documented: DocumentedPresence,
) -> int:
    """Return for how long at least one participant of a role was present inside the window, in whole seconds.

    The documented total may contain presence from before there were intervals. That lies between the documented
    connect and the first interval (without one: the disconnect), so it counts up to what the window has of this time.
    """
    pairs = list(presences)
    seen = union(_seen(pairs))
    earlier = max(0, documented.total_seconds - _duration(seen) // MICROSECONDS_PER_SECOND)
    until = seen[0].start if seen else documented.until
    start = window.start if documented.since is None else max(window.start, documented.since)
    end = window.end if until is None else min(window.end, until)
    room = max(0, end - start) // MICROSECONDS_PER_SECOND
    return _duration(clip(union([*seen, *_assumed_of(pairs)]), window)) // MICROSECONDS_PER_SECOND + min(earlier, room)


def _seen(pairs: Iterable[tuple[Presence, PresenceInWindow]]) -> list[TimeRange[Instant]]:
    return [interval.span.time_range for presence, _ in pairs for interval in presence.intervals]


def _assumed_of(pairs: Iterable[tuple[Presence, PresenceInWindow]]) -> list[TimeRange[Instant]]:
    return [time_range for _, measured in pairs for time_range in measured.assumed]


def _assumed(
    dated: Sequence[Interval], gap_effects: GapEffects, window: TimeRange[Instant]
) -> tuple[TimeRange[Instant], ...]:
    """Return assumed presence. An arrival that was not seen is not put before the window: nothing supports that."""
    since = gap_effects.arrival_uncertain_since
    if since is None:
        return gap_effects.assumed
    arrival = TimeRange(max(since, window.start), dated[0].span.started_at)
    return (arrival, *gap_effects.assumed) if arrival.start < arrival.end else gap_effects.assumed


def _reconnects(touching: Sequence[Interval], bridged: Iterable[TimeRange[Instant]]) -> int:
    """Count the silences between intervals. All are longer than the timeout; those that gaps explain do not count."""
    if not touching:
        return 0
    first, last = touching[0].span, touching[-1].span
    inside = sum(first.ended_at <= silence.start and silence.end <= last.started_at for silence in bridged)
    return len(touching) - 1 - inside


def _duration(ranges: Iterable[TimeRange[Instant]]) -> int:
    return sum(time_range.end - time_range.start for time_range in ranges)
