"""One turn of folding, in steps that leave time to others (docs/streams.md#folding)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from tracking_service.domain.fold_rhythm import Pace
from tracking_service.folding.fold import Folder


class Turn(NamedTuple):
    """What a turn did."""

    #: How long each transaction took.
    step_seconds: Sequence[float]
    #: How many heartbeats were folded; an event counts as several.
    weight: int


def take_turn(
    folder: Folder, groups: Sequence[int], pace: Pace, *, wait: Callable[[float], object] = time.sleep
) -> Turn:
    """Fold groups at a pace. Blocking; `wait` waits so many seconds between two steps.

    It ends early if `wait` returns something true.

    Raises:
        StorageUnavailable: the database can't be reached; what was folded before stays folded.
        StorageConflict: another transaction was in the way.
    """
    steps, step_seconds, weight = folder.steps(groups), list[float](), 0
    began = time.monotonic()
    ends_at = began + pace.seconds
    for step in steps:
        weight += step
        now = time.monotonic()
        step_seconds.append(now - began)
        if wait(pace.pause_seconds(now - began, ends_at - now)):
            break
        began = time.monotonic()
    return Turn(step_seconds, weight)
