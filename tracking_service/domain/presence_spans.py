"""Presence as a function of the set of events (docs/presence.md#order-of-arrival and #intervals).

Signs of life form one span as long as no silence between them is longer than the presence timeout. The span and its
last sign of life are all that has to be remembered of them: an event that comes later, however late, has the same
result as if it had come in time. `tests/unit/tracking/test_presence_rules.py` checks this against the plain rules.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from servicekit.clock import Instant
from servicekit.time_ranges import TimeRange


class PresenceSpan(NamedTuple):
    """Unbroken presence; sorts by its start."""

    started_at: Instant
    #: The last event that counts: a sign of life or a disconnect.
    ended_at: Instant
    last_sign_at: Instant

    @property
    def duration(self) -> int:
        """Microseconds."""
        return self.ended_at - self.started_at

    @property
    def time_range(self) -> TimeRange[Instant]:
        """The span without its last sign of life."""
        return TimeRange(self.started_at, self.ended_at)


def add_events(
    spans: Sequence[PresenceSpan],
    *,
    signs: Iterable[Instant],
    disconnects: Iterable[Instant],
    timeout: int,
) -> tuple[PresenceSpan, ...]:
    """Return the spans that result from further signs of life and disconnects.

    `spans` are the result of earlier calls. `disconnects` are those that were seen; they must include every earlier one
    that has not counted so far, because a late sign of life may make it count. `timeout` is in microseconds.
    """
    ordered = sorted(signs)
    counted = [at for at in disconnects if _counts(at, spans, ordered, timeout)]
    parts = sorted([*spans, *(PresenceSpan(sign, sign, sign) for sign in ordered)])
    return _joined(_with_disconnects(parts, sorted(counted)), timeout)


def union_duration(spans: Iterable[PresenceSpan]) -> int:
    """Return how long at least one of the spans lasted, in microseconds (docs/presence.md#several-connections)."""
    ordered = sorted(spans)
    total, counted_until = 0, ordered[0].started_at if ordered else Instant(0)
    for started_at, ended_at, _ in ordered:
        if ended_at > counted_until:
            total += ended_at - max(started_at, counted_until)
            counted_until = ended_at
    return total


def _counts(disconnect: Instant, spans: Sequence[PresenceSpan], signs: Sequence[Instant], timeout: int) -> bool:
    """Return whether a sign of life lies at most the timeout before a disconnect."""
    earlier_signs = bisect_right(signs, disconnect)
    if earlier_signs and disconnect - signs[earlier_signs - 1] <= timeout:
        return True
    following = bisect_right(spans, disconnect, key=lambda span: span.started_at)
    if not following:
        return False
    span = spans[following - 1]
    # Inside a span a disconnect changes nothing. Only past its end does it matter.
    return span.ended_at < disconnect <= span.last_sign_at + timeout


def _with_disconnects(parts: list[PresenceSpan], disconnects: Sequence[Instant]) -> list[PresenceSpan]:
    """Let each disconnect end the latest part that started before it."""
    for disconnect in disconnects:
        index = bisect_right(parts, disconnect, key=lambda part: part.started_at) - 1
        part = parts[index]
        parts[index] = part._replace(ended_at=max(part.ended_at, disconnect))
    return parts


def _joined(parts: Sequence[PresenceSpan], timeout: int) -> tuple[PresenceSpan, ...]:
    """Join neighbours that are no further apart than the timeout."""
    joined: list[PresenceSpan] = []
    for part in parts:
        if joined and part.started_at - joined[-1].ended_at <= timeout:
            last = joined[-1]
            joined[-1] = PresenceSpan(
                last.started_at,
                max(last.ended_at, part.ended_at),
                max(last.last_sign_at, part.last_sign_at),
            )
        else:
            joined.append(part)
    return tuple(joined)
