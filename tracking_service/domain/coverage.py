"""When presence could have been seen, and the gaps between (DESIGN 5.7)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from tracking_service.domain.windows import Window


def gaps_between(covered: Iterable[Window]) -> tuple[Window, ...]:
    """Return the times between stretches of coverage that none of them covers.

    Nothing is claimed before the first stretch or after the last.
    """
    return tuple(Window(before.end, after.start) for before, after in pairwise(joined(covered)))


def joined(stretches: Iterable[Window]) -> tuple[Window, ...]:
    """Return the same moments, oldest first, with stretches that overlap or touch made one."""
    united: list[Window] = []
    for stretch in sorted(stretches):
        if united and stretch.start <= united[-1].end:
            united[-1] = Window(united[-1].start, max(united[-1].end, stretch.end))
        else:
            united.append(stretch)
    return tuple(united)


def clipped(stretches: Iterable[Window], window: Window) -> tuple[Window, ...]:
    """Return the parts inside a window; a part of no length is none."""
    parts = (Window(max(part.start, window.start), min(part.end, window.end)) for part in stretches)
    return tuple(part for part in parts if part.start < part.end)
