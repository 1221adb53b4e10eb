from __future__ import annotations

import logging

import pytest

from servicekit.errors import StorageConflict, StorageUnavailable
from tracking_service.housekeeping_failures import SECONDS_BETWEEN_WARNINGS, HousekeepingFailures


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def failures(clock: Clock) -> HousekeepingFailures:
    return HousekeepingFailures(clock)


def logged(caplog: pytest.LogCaptureFixture) -> list[tuple[str, int]]:
    return [(record.getMessage(), vars(record)["failures"]) for record in caplog.records]


def test_an_outage_is_logged_at_once_then_each_minute_and_when_it_is_over(
    failures: HousekeepingFailures, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(100):
        failures.failed("sweep", StorageUnavailable())
        failures.failed("look", StorageUnavailable())
    clock.now += SECONDS_BETWEEN_WARNINGS
    failures.failed("sweep", StorageUnavailable())
    failures.succeeded("sweep")
    failures.succeeded("look")
    failures.succeeded("look")
    assert logged(caplog) == [
        ("storage is unavailable", 1),
        ("storage is unavailable", 200),
        ("housekeeping succeeds again", 0),
    ]
    assert {record.levelno for record in caplog.records} == {logging.WARNING}


def test_the_next_outage_is_logged_at_once(failures: HousekeepingFailures, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(2):
        failures.failed("sweep", StorageConflict())
        failures.succeeded("sweep")
    assert [message for message, _ in logged(caplog)] == [
        "another transaction was in the way",
        "housekeeping succeeds again",
    ] * 2


def test_a_fault_during_an_outage_is_logged_at_once_with_its_traceback_but_not_each_time(
    failures: HousekeepingFailures, caplog: pytest.LogCaptureFixture
) -> None:
    failures.failed("look", StorageUnavailable())
    for _ in range(100):
        failures.failed("sweep", ZeroDivisionError())
    assert logged(caplog) == [("storage is unavailable", 1), ("housekeeping failed", 1)]
    assert caplog.records[-1].levelno == logging.ERROR
    assert caplog.records[-1].exc_info is not None


def test_works_that_succeed_are_not_logged(failures: HousekeepingFailures, caplog: pytest.LogCaptureFixture) -> None:
    failures.succeeded("sweep")
    assert caplog.records == []
