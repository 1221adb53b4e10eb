"""How observation gaps affect one participant's presence (docs/presence.md#observation-gaps).

Each silence of a participant is judged as a whole. A gap is *within reach* of the last sign of life before the silence
if at most the presence timeout of observed silence lies between them. The next gap is within reach if at most that much
lies between the two gaps, and so on. The same holds backwards from the first sign of life after the silence. A
participant who was there could have been silent for that long without being noticed as gone.

What a process reads directly after a standstill may have arrived at any time since that began. So it has the time at
which the standstill began, which is the start of an observation gap, or shortly before it if another replica saw
something for a little longer. Such a time is called *undated* here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import NamedTuple

from servicekit.clock import Instant
from servicekit.identifiers import ReplicaId
from servicekit.time_ranges import TimeRange, clip, union
from tracking_service.domain.events import EndReason
from tracking_service.domain.presence import Interval

#: By how much an undated time may differ from the start of its gap: a relay rounds both.
UNDATED_TOLERANCE = 10
#: Undated times, each with the gap in which the event lies.
UndatedTimes = Mapping[Instant, TimeRange[Instant]]
#: From before every instant to after it.
_ALWAYS = TimeRange(Instant(-(2**63)), Instant(2**63))


class ReplicaCoverage(NamedTuple):
    """A time in which a replica took events without a break."""

    replica_id: ReplicaId
    time_range: TimeRange[Instant]


@dataclass(frozen=True, kw_only=True, slots=True)
class Observations:
    """What was observed of one participant."""

    #: Oldest first.
    intervals: Sequence[Interval]
    #: Disconnects that were seen, whether they count or not.
    disconnects: Sequence[Instant] = ()
    #: Whether the first sign of life was a connect; if it was a heartbeat, its connect was missed.
    arrival_was_seen: bool = False
    undated: UndatedTimes = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class GapEffects:
    """How gaps affect one participant: what is taken as presence without having been seen, and what can't be known."""

    #: Silences that gaps explain: seen shortly before and after, and no disconnect in between.
    assumed: tuple[TimeRange[Instant], ...] = ()
    #: Gaps, or parts of them, next to which the participant was seen on one side only.
    unknown: tuple[TimeRange[Instant], ...] = ()
    #: The arrival was not seen: it may have been at any time since.
    arrival_uncertain_since: Instant | None = None
    #: The participant's intervals without the part in which an undated arrival lies; None: they have none.
    dated_intervals: tuple[Interval, ...] | None = None


NO_EFFECTS = GapEffects()


class _Silence(NamedTuple):
    """A time without events of a participant in which there were gaps."""

    #: None: nothing was seen before.
    before: Interval | None
    #: None: nothing was seen after.
    after: Interval | None
    #: The parts of it that lay in gaps, oldest first.
    gaps: Sequence[TimeRange[Instant]]
    #: Disconnects in it. They do not count, or the silence would begin at them.
    disconnects: Sequence[Instant]
    #: Whether the participant left before it at an undated time, so some time in the first gap.
    left_undated: bool


def undated_times(
    times: Iterable[Instant], gaps: Sequence[TimeRange[Instant]], standstills: Iterable[TimeRange[Instant]]
) -> dict[Instant, TimeRange[Instant]]:
    """Return those times of events at which one of the gaps began, or a replica's standstill that lies in one.

    These are gaps as recorded, not their union.
    """
    own_gap = [(gap, gap) for gap in gaps]
    in_gaps = [(each, gap) for each in standstills for gap in gaps if each.start < gap.end and gap.start < each.end]
    return {
        at: gap
        for at in times
        for stood_still, gap in (*in_gaps, *own_gap)
        if abs(at - stood_still.start) <= UNDATED_TOLERANCE and at < stood_still.end
    }


def standstills_of(coverage: Iterable[ReplicaCoverage]) -> tuple[TimeRange[Instant], ...]:
    """Return the times between periods in which one replica took events, for each replica."""
    by_replica: dict[ReplicaId, list[TimeRange[Instant]]] = {}
    for one in coverage:
        by_replica.setdefault(one.replica_id, []).append(one.time_range)
    return tuple(gap for of_replica in by_replica.values() for gap in gaps_between(of_replica))


def gaps_between(covered: Iterable[TimeRange[Instant]]) -> tuple[TimeRange[Instant], ...]:
    """Return the times between covered ranges that none of them covers.

    The time before the first range is not among them: `find_unknown_for_all` judges it.
    """
    return tuple(TimeRange(before.end, after.start) for before, after in pairwise(union(covered)))


def find_unknown_for_all(
    window: TimeRange[Instant],
    seen: Sequence[Interval],
    gaps: Iterable[TimeRange[Instant]],
    observing_since: Instant,
) -> tuple[TimeRange[Instant], ...]:
    """Return the parts of a window in which no participant of a session could have been seen.

    These are the time before events were first taken, unless a relay delivered something about the session from before
    the end of the window; and the whole window if gaps cover it and no one was seen in it. `window` is the part that is
    over, and `seen` are the intervals of all participants.
    """
    spans = [interval.span.time_range for interval in seen]
    delivered_later = any(span.start < window.end for span in spans)
    before = () if delivered_later else clip([TimeRange(_ALWAYS.start, observing_since)], window)
    if union([*clip(gaps, window), *before]) == (window,) and not clip(spans, window):
        return (window,)
    return before


def effects_of_gaps(observations: Observations, gaps: Sequence[TimeRange[Instant]], timeout: int) -> GapEffects:
    """Return how gaps affect a participant; `gaps` are disjoint, not empty, and oldest first.

    `timeout` is in microseconds.
    """
    dated = _dated_intervals(observations, timeout)
    if dated is not None:
        observations = replace(observations, intervals=dated, arrival_was_seen=False)
    assumed: list[TimeRange[Instant]] = []
    unknown: list[TimeRange[Instant]] = []
    uncertain_since: Instant | None = None
    for silence in _silences(observations, gaps):
        if _is_bridged(silence, timeout):
            assumed.append(_time_range(silence))
            continue
        after_sight, before_sight = _within_reach_after(silence, timeout), _within_reach_before(silence, timeout)
        if before_sight and silence.before is None and not observations.arrival_was_seen:
            uncertain_since = before_sight[0].start
        else:
            unknown += [*after_sight, *before_sight]
    return GapEffects(
        assumed=tuple(assumed),
        unknown=union(unknown),
        arrival_uncertain_since=uncertain_since,
        dated_intervals=dated,
    )


def _dated_intervals(observations: Observations, timeout: int) -> tuple[Interval, ...] | None:
    """Return the intervals from the first sign of life on that surely lies after an undated arrival.

    None if the arrival is dated, or if there is no such sign within the timeout after the gap.
    """
    if not observations.intervals:
        return None
    first, *others = observations.intervals
    gap = observations.undated.get(first.span.started_at)
    if gap is None:
        return None
    if first.span.ended_at > gap.end:
        last_sign_at = max(first.span.last_sign_at, gap.end)
        return (
            first._replace(span=first.span._replace(started_at=gap.end, last_sign_at=last_sign_at)),
            *others,
        )
    if others and others[0].span.started_at - gap.end <= timeout:
        return tuple(others)
    return None


def _silences(observations: Observations, gaps: Sequence[TimeRange[Instant]]) -> Iterator[_Silence]:
    """Yield the silences in which there were gaps; none for a participant who was never seen."""
    if not observations.intervals:
        return
    for before, after in pairwise([None, *observations.intervals, None]):
        silent = _between(before, after)
        inside = clip(gaps, silent)
        if inside:
            disconnects = [at for at in observations.disconnects if silent.start < at < silent.end]
            left_undated = before is not None and before.span.ended_at in observations.undated
            yield _Silence(before, after, inside, sorted(disconnects), left_undated and _has_left(before))


def _has_left(interval: Interval | None) -> bool:
    return interval is not None and interval.end_reason is EndReason.CLOSED


def _between(before: Interval | None, after: Interval | None) -> TimeRange[Instant]:
    return TimeRange(
        _ALWAYS.start if before is None else before.span.ended_at,
        _ALWAYS.end if after is None else after.span.started_at,
    )


def _time_range(silence: _Silence) -> TimeRange[Instant]:
    return _between(silence.before, silence.after)


def _is_bridged(silence: _Silence, timeout: int) -> bool:
    """Return whether gaps explain all of a silence: no observed part of it is longer than the timeout."""
    if silence.after is None or silence.disconnects or silence.left_undated:
        return False
    reached = _within_reach_after(silence, timeout)
    if len(reached) < len(silence.gaps):
        return False
    return silence.after.span.started_at - reached[-1].end <= timeout


def _within_reach_after(silence: _Silence, timeout: int) -> list[TimeRange[Instant]]:
    """Return what is within reach of the last sign of life before a silence; nothing after a disconnect is."""
    if silence.left_undated:
        return [silence.gaps[0]]
    if silence.before is None or _has_left(silence.before):
        return []
    until = silence.disconnects[0] if silence.disconnects else _ALWAYS.end
    gaps = clip(silence.gaps, TimeRange(_ALWAYS.start, until))
    return _chain(silence.before.span.ended_at, gaps, timeout)


def _within_reach_before(silence: _Silence, timeout: int) -> list[TimeRange[Instant]]:
    """Return what is within reach of the first sign of life after a silence; nothing before a disconnect is."""
    if silence.after is None:
        return []
    since = silence.disconnects[-1] if silence.disconnects else _ALWAYS.start
    gaps = clip(silence.gaps, TimeRange(since, _ALWAYS.end))
    return _mirrored(_chain(Instant(-silence.after.span.started_at), _mirrored(gaps), timeout))


def _chain(seen_at: Instant, gaps: Sequence[TimeRange[Instant]], timeout: int) -> list[TimeRange[Instant]]:
    """Return the first gaps, as long as no more than the timeout lies before each."""
    reached: list[TimeRange[Instant]] = []
    for gap in gaps:
        if gap.start - seen_at > timeout:
            break
        reached.append(gap)
        seen_at = gap.end
    return reached


def _mirrored(ranges: Sequence[TimeRange[Instant]]) -> list[TimeRange[Instant]]:
    """Return the ranges with time running backwards."""
    return [TimeRange(Instant(-one.end), Instant(-one.start)) for one in reversed(ranges)]
