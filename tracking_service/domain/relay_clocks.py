"""How far the clocks of relays are off (docs/presence.md#clocks).

An event of a relay carries the relay's time. The service reads it a little later, so the least delay within a window
shows by how much the relay's clock differs. History that is delivered late has large delays, too, but they do not stay
the same while time passes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from servicekit.clock import Instant, seconds
from servicekit.time_ranges import TimeRange

#: Every participant sends an event in half of this time.
WINDOW = seconds(30)
#: To take in an event costs as much as to read one, so of those that come one by one so many in a window suffice.
EVENTS_PER_WINDOW = 30
#: The least delays of two windows in a row may differ by this much if the relay's clock is the cause.
MAX_VARIATION = seconds(2)
#: What a clock may be off without a consequence; networks and full queues take as long.
MAX_OFFSET = seconds(5)


class ClockOffset(NamedTuple):
    """How far a relay's clock is off from a time on, until the next one of its stream."""

    #: By the service's clock.
    since: Instant
    #: Microseconds, positive if the relay's clock is ahead. 0: no more than `MAX_OFFSET`.
    offset: int


class _Window(NamedTuple):
    started_at: Instant
    least_delay: int


class ClockOffsetMeter:
    """Measures the clock behind one stream."""

    __slots__ = ("_added_at", "_current", "_previous", "_reported")

    def __init__(self) -> None:
        """Start with a clock that is right, as far as is known."""
        self._previous: _Window | None = None
        self._current: _Window | None = None
        self._reported = 0
        self._added_at = Instant(0)

    def is_due(self, now: Instant) -> bool:
        """Return whether an event is to be taken in again."""
        return now - self._added_at > WINDOW // EVENTS_PER_WINDOW

    def add(self, observed_at: Instant | None, now: Instant) -> ClockOffset | None:
        """Take in an event that was read now; return the offset if it is known to have changed.

        An event without a time (None) says nothing about the clock.
        """
        self._added_at = now
        if observed_at is None:
            return None
        delay = now - observed_at
        current = self._current
        if current is None:
            self._current = _Window(now, delay)
            return None
        if now < current.started_at + WINDOW:
            if delay < current.least_delay:
                self._current = current._replace(least_delay=delay)
            return None
        # After a silence of a whole window, the windows before it say nothing about the clock now.
        went_on = now < current.started_at + 2 * WINDOW
        change = self._change(self._previous, current) if went_on else None
        self._previous = current if went_on else None
        self._current = _Window(now, delay)
        return change

    def _change(self, previous: _Window | None, current: _Window) -> ClockOffset | None:
        if previous is None or abs(previous.least_delay - current.least_delay) > MAX_VARIATION:
            return None
        offset = -min(previous.least_delay, current.least_delay)
        if abs(offset) <= MAX_OFFSET:
            offset = 0
        if offset == self._reported or (offset and abs(offset - self._reported) <= MAX_VARIATION):
            return None
        self._reported = offset
        return ClockOffset(previous.started_at, offset)


def largest_offset(offsets: Iterable[ClockOffset], window: TimeRange[Instant]) -> int:
    """Return the offset of one stream in a window that is furthest from 0; 0 if none is known.

    `offsets` are ordered by time.
    """
    ordered = list(offsets)
    ends = [*(offset.since for offset in ordered[1:]), window.end]
    in_force = [
        known.offset
        for known, end in zip(ordered, ends, strict=False)
        if known.since < window.end and end > window.start
    ]
    return furthest(in_force)


def furthest(offsets: Sequence[int]) -> int:
    """Return the offset that is furthest from 0; 0 if there is none."""
    return max(offsets, key=abs, default=0)
