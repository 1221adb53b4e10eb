"""What observation gaps leave open of one participant's presence (DESIGN 5.7).

A participant's silence is looked at as a whole. Starting from the last sign of life before it, a gap is *within
reach* if no more than the presence timeout of observed silence lies between; the next gap is, if no more than that
lies between the two; and so on, and likewise backwards from the first sign of life after the silence. Whoever was there
might have been silent for that long without our noticing. With a single gap this is the rule as DESIGN puts it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from servicekit.clock import Instant
from tracking_service.domain.coverage import clipped, joined
from tracking_service.domain.events import EndReason
from tracking_service.domain.presence import Interval
from tracking_service.domain.windows import Window

#: Before and after every moment there is.
_EVER = Window(Instant(-(2**63)), Instant(2**63))


@dataclass(frozen=True, kw_only=True, slots=True)
class Sightings:
    """What was seen of one participant."""

    #: Oldest first.
    intervals: Sequence[Interval]
    #: Disconnects whose end was seen, whether they count or not.
    disconnects: Sequence[Instant] = ()
    #: Whether the first sign of life was a connect; a heartbeat says that its connect was not seen.
    arrival_was_seen: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Unobserved:
    """What is taken as presence without having been seen, and what can't be known."""

    #: Silences that gaps explain: seen shortly before and after, and no disconnect in between.
    assumed: tuple[Window, ...] = ()
    #: Gaps, or parts of them, on one side of which alone the participant was seen.
    unknown: tuple[Window, ...] = ()
    #: The arrival was not seen: it may have been at any time since.
    arrival_uncertain_since: Instant | None = None


EVERYTHING_OBSERVED = Unobserved()


class _Silence(NamedTuple):
    """A time without events of a participant in which there were gaps."""

    #: None: nothing was seen before.
    before: Interval | None
    #: None: nothing was seen after.
    after: Interval | None
    #: What of it lay in gaps, oldest first.
    holes: Sequence[Window]
    #: Disconnects in it; they do not count, or it would begin at them.
    disconnects: Sequence[Instant]


def left_open(sightings: Sightings, gaps: Sequence[Window], timeout: int) -> Unobserved:
    """Return what gaps leave open; `gaps` are disjoint and oldest first, `timeout` is in microseconds."""
    assumed: list[Window] = []
    unknown: list[Window] = []
    uncertain_since: Instant | None = None
    for silence in _silences(sightings, gaps):
        if _is_bridged(silence, timeout):
            assumed.append(_extent(silence))
            continue
        after_sight, before_sight = _within_reach_after(silence, timeout), _within_reach_before(silence, timeout)
        if before_sight and silence.before is None and not sightings.arrival_was_seen:
            uncertain_since = before_sight[0].start
        else:
            unknown += [*after_sight, *before_sight]
    return Unobserved(assumed=tuple(assumed), unknown=joined(unknown), arrival_uncertain_since=uncertain_since)


def _silences(sightings: Sightings, gaps: Sequence[Window]) -> Iterator[_Silence]:
    """Yield the silences in which there were gaps; none for whoever was never seen."""
    if not sightings.intervals:
        return
    for before, after in pairwise([None, *sightings.intervals, None]):
        extent = _between(before, after)
        holes = clipped(gaps, extent)
        if holes:
            inside = [moment for moment in sightings.disconnects if extent.start < moment < extent.end]
            yield _Silence(before, after, holes, sorted(inside))


def _between(before: Interval | None, after: Interval | None) -> Window:
    return Window(
        _EVER.start if before is None else before.stretch.ended_at,
        _EVER.end if after is None else after.stretch.started_at,
    )


def _extent(silence: _Silence) -> Window:
    return _between(silence.before, silence.after)


def _is_bridged(silence: _Silence, timeout: int) -> bool:
    """Tell whether gaps explain all of a silence: no observed part of it is longer than the timeout."""
    if silence.after is None or silence.disconnects:
        return False
    reached = _within_reach_after(silence, timeout)
    if len(reached) < len(silence.holes):
        return False
    return silence.after.stretch.started_at - reached[-1].end <= timeout


def _within_reach_after(silence: _Silence, timeout: int) -> list[Window]:
    """Return what is within reach of the last sign of life before a silence; nothing after a disconnect is."""
    if silence.before is None or silence.before.end_reason is EndReason.CLOSED:
        return []
    until = silence.disconnects[0] if silence.disconnects else _EVER.end
    holes = clipped(silence.holes, Window(_EVER.start, until))
    return _chain(silence.before.stretch.ended_at, holes, timeout)


def _within_reach_before(silence: _Silence, timeout: int) -> list[Window]:
    """Return what is within reach of the first sign of life after a silence; nothing before a disconnect is."""
    if silence.after is None:
        return []
    since = silence.disconnects[-1] if silence.disconnects else _EVER.start
    holes = clipped(silence.holes, Window(since, _EVER.end))
    # The same in a mirror.
    return _mirrored(_chain(Instant(-silence.after.stretch.started_at), _mirrored(holes), timeout))


def _chain(seen_at: Instant, holes: Sequence[Window], timeout: int) -> list[Window]:
    """Return the first holes, as long as no more than the timeout lies before each."""
    reached: list[Window] = []
    for hole in holes:
        if hole.start - seen_at > timeout:
            break
        reached.append(hole)
        seen_at = hole.end
    return reached


def _mirrored(windows: Sequence[Window]) -> list[Window]:
    return [Window(Instant(-window.end), Instant(-window.start)) for window in reversed(windows)]
