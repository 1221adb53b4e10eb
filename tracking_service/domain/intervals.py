"""Presence as a function of the set of events (DESIGN 5.1 to 5.3).

A set of signs of life falls apart into stretches at every silence longer than the presence timeout. Such a stretch,
with its last sign of life, is all that has to be remembered of the signs in it: whatever event comes later, however
late, the result is the same as if it had come in time. `tests/unit/tracking` proves that against the bare rules.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from servicekit.clock import Instant


class Stretch(NamedTuple):
    """One unbroken stretch of presence; sorts by its start."""

    started_at: Instant
    #: The last event that counts: a sign of life or a disconnect.
    ended_at: Instant
    last_sign_at: Instant


def extend(
    stretches: Sequence[Stretch],
    *,
    signs: Iterable[Instant],
    disconnects: Iterable[Instant],
    timeout: int,
) -> tuple[Stretch, ...]:
    """Return the stretches that also account for further signs of life and disconnects.

    `stretches` are what earlier calls returned. `disconnects` are those whose end was seen, including every earlier one
    that has not counted so far, for a late sign of life may make it count. `timeout` is in microseconds.
    """
    ordered = sorted(signs)
    counted = [moment for moment in disconnects if _counts(moment, stretches, ordered, timeout)]
    parts = sorted([*stretches, *(Stretch(sign, sign, sign) for sign in ordered)])
    return _joined(_with_disconnects(parts, sorted(counted)), timeout)


def _counts(moment: Instant, stretches: Sequence[Stretch], signs: Sequence[Instant], timeout: int) -> bool:
    """Tell whether a disconnect counts: a sign of life lies at most the timeout before it (DESIGN 5.3)."""
    earlier_signs = bisect_right(signs, moment)
    if earlier_signs and moment - signs[earlier_signs - 1] <= timeout:
        return True
    following = bisect_right(stretches, moment, key=lambda stretch: stretch.started_at)
    if not following:
        return False
    stretch = stretches[following - 1]
    # Within a stretch it changes nothing, counted or not; only past its end does it matter.
    return stretch.ended_at < moment <= stretch.last_sign_at + timeout


def _with_disconnects(parts: list[Stretch], disconnects: Sequence[Instant]) -> list[Stretch]:
    """Let each disconnect end the latest part that started before it."""
    for moment in disconnects:
        index = bisect_right(parts, moment, key=lambda part: part.started_at) - 1
        part = parts[index]
        parts[index] = part._replace(ended_at=max(part.ended_at, moment))
    return parts


def _joined(parts: Sequence[Stretch], timeout: int) -> tuple[Stretch, ...]:
    """Join neighbours no further apart than the timeout (DESIGN 5.2)."""
    joined: list[Stretch] = []
    for part in parts:
        if joined and part.started_at - joined[-1].ended_at <= timeout:
            last = joined[-1]
            joined[-1] = Stretch(
                last.started_at,
                max(last.ended_at, part.ended_at),
                max(last.last_sign_at, part.last_sign_at),
            )
        else:
            joined.append(part)
    return tuple(joined)
