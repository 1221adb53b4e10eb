"""The rules of docs/suggestions.md once more, implemented in another way: with sets of seconds."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

#: Smaller than the difference of any two numbers of whole seconds and percent.
SMALL_STEP = Fraction(1, 1_000_000_000)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One person in a class of whole seconds, counted from its start; ends are exclusive."""

    length: int
    #: (start, end); equal: one sign of life.
    presence: tuple[tuple[int, int], ...]
    unknown: tuple[tuple[int, int], ...]
    gaps: tuple[tuple[int, int], ...]
    reconnects: int


def expected(scene: Scene) -> tuple[str, str]:
    """Return status and confidence."""
    window = set(range(scene.length))
    anywhere = {second for start, end in scene.presence for second in range(start, end)}
    seconds = (anywhere | {start for start, end in scene.presence if start == end}) & window
    unknown = _seconds(scene.unknown) & window - anywhere
    unseen = unknown | (_seconds(scene.gaps) & window - anywhere)
    if 2 * len(unknown) > len(window):
        return "present", "low"
    lateness = min(seconds) if seconds else None
    engagement = Fraction(100 * len(anywhere & window), len(window - unknown))
    status, confidence = _table(lateness, engagement)
    steps = (
        (scene.length < 15 * 60)
        + (scene.reconnects >= 3)
        + _near_a_limit(lateness, engagement)
        + (
            10 * len(unseen) > len(window)
            or _unknown_decides(scene.length, seconds, anywhere & window, unknown, status)
        )
    )
    return status, ["low", "medium", "high"][max(["low", "medium", "high"].index(confidence) - steps, 0)]


def _unknown_decides(length: int, seconds: set[int], present: set[int], unknown: set[int], status: str) -> bool:
    """Return whether another status would follow if the unknown time was known to be presence, or absence."""
    others = [(seconds | unknown, present | unknown), (seconds, present)]
    statuses = {_table(min(seen) if seen else None, Fraction(100 * len(active), length))[0] for seen, active in others}
    return bool(unknown) and statuses != {status}


def _table(lateness: Fraction | int | None, engagement: Fraction) -> tuple[str, str]:
    if lateness is None:
        return "absent", "high"
    if engagement < 30:
        return "absent", "high" if engagement < 20 else "medium"
    if lateness > 900:
        return ("absent" if engagement < 40 else "late"), "medium"
    sure = "high" if engagement >= 70 else "medium" if engagement >= 40 else "low"
    return ("late" if lateness >= 300 else "present"), sure


def _near_a_limit(lateness: int | None, engagement: Fraction) -> bool:
    status = _table(lateness, engagement)[0]
    if lateness is not None:
        halves = range(-59, 60)
        if any(_table(lateness + Fraction(half, 2), engagement)[0] != status for half in halves):
            return True
    # Limits are 10 points apart, so less than 2 points each way cross at most one.
    return any(_table(lateness, engagement + change)[0] != status for change in (SMALL_STEP - 2, 2 - SMALL_STEP))


def _seconds(spans: tuple[tuple[int, int], ...]) -> set[int]:
    return {second for start, end in spans for second in range(start, end)}
