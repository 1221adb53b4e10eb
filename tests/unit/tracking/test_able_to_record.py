from __future__ import annotations

from prometheus_client import CollectorRegistry

from tracking_service.instruments.able_to_record import MAX_SILENCE_SECONDS, REFUSAL_SECONDS, AbleToRecord, Written


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_it_counts_from_the_first_of_several_failures_to_a_success() -> None:
    clock = Clock()
    able = AbleToRecord(now=clock)
    for _ in range(3):
        able.note(Written.EVENTS, is_able=False)
        clock.now += 2
    assert able.unable_seconds == 6
    able.note(Written.EVENTS, is_able=True)
    assert able.unable_seconds == 0


def test_while_events_are_refused_it_does_not_help_that_coverage_is_written() -> None:
    clock = Clock()
    able = AbleToRecord(now=clock)
    able.note(Written.EVENTS, is_able=False)
    clock.now += 2
    able.note(Written.COVERAGE, is_able=True)
    assert able.unable_seconds == 2


def test_a_database_that_answers_nothing_is_noticed_without_a_failure() -> None:
    clock = Clock()
    able = AbleToRecord(now=clock)
    able.note(Written.COVERAGE, is_able=True)
    clock.now += MAX_SILENCE_SECONDS
    assert able.unable_seconds == 0
    clock.now += 1
    assert able.unable_seconds == MAX_SILENCE_SECONDS + 1


def test_a_refusal_is_forgotten_if_nothing_else_is_tried() -> None:
    clock = Clock()
    able = AbleToRecord(now=clock)
    able.note(Written.EVENTS, is_able=False)
    clock.now += REFUSAL_SECONDS
    assert able.unable_seconds == 0


def test_the_metric_says_the_same() -> None:
    registry, clock = CollectorRegistry(), Clock()
    able = AbleToRecord(registry, now=clock)
    assert registry.get_sample_value("tracking_able_to_record") == 1
    able.note(Written.COVERAGE, is_able=False)
    clock.now += 1
    assert registry.get_sample_value("tracking_able_to_record") == 0
