"""The log of a session is kept short."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from tracking_service.domain.connection_log import MAX_ENTRIES, MAX_UNFOLDED, LogEntry, folded

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
STUDENT, TUTOR = 201, 101
#: As the platform wrote them before this service was installed.
OLD_ENTRIES: list[object] = [{"user_id": 7, "event": "connect", "timestamp": "2025-01-01T10:00:00"}, "a note", 5]


def at(second: float) -> str:
    return (START + timedelta(seconds=second)).isoformat()


def entries(event: str, seconds: Iterable[float], user_id: int = STUDENT) -> list[LogEntry]:
    role = "student" if user_id == STUDENT else "tutor"
    return [{"user_id": user_id, "user_type": role, "event": event, "timestamp": at(second)} for second in seconds]


def summary(count: int, since: float, until: float, user_id: int = STUDENT) -> LogEntry:
    [entry] = entries("folded", [since], user_id)
    return entry | {"until": at(until), "count": count}


def test_a_log_of_an_ordinary_lesson_is_kept_as_it_is() -> None:
    assert folded(entries("activity", range(MAX_UNFOLDED))) is None


def test_activity_is_folded_before_connects_and_the_oldest_first() -> None:
    came, drew = entries("connect", [0, 5_000]), entries("activity", range(1, MAX_UNFOLDED + 1))
    shorter = folded([*came, *drew])
    assert shorter is not None
    excess = MAX_UNFOLDED + 2 - MAX_ENTRIES
    assert shorter == [summary(excess, 1, excess), came[0], *drew[excess:], came[1]]


def test_connects_are_folded_if_nothing_else_is_left() -> None:
    shorter = folded(entries("connect", range(10_000)))
    assert shorter is not None
    assert shorter[0] == summary(10_000 - MAX_ENTRIES, 0, 10_000 - MAX_ENTRIES - 1)
    assert len(shorter) == MAX_ENTRIES + 1


def test_what_was_folded_before_is_added_up_by_participant() -> None:
    earlier = [summary(70, 10, 90), summary(3, 20, 30, TUTOR)]
    shorter = folded([*earlier, *entries("activity", range(100, 1_000)), *entries("activity", [95], TUTOR)])
    assert shorter is not None
    excess = 900 - MAX_ENTRIES
    assert shorter[:2] == [summary(70 + excess, 10, 99 + excess), summary(4, 20, 95, TUTOR)]


def test_entries_of_the_platform_are_never_folded() -> None:
    shorter = folded([*OLD_ENTRIES, *entries("connect", range(1_000))])
    assert shorter is not None
    assert shorter[: len(OLD_ENTRIES)] == OLD_ENTRIES
    assert folded(OLD_ENTRIES * MAX_UNFOLDED) is None
