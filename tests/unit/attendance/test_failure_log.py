from __future__ import annotations

import logging

import pytest
from grpc import StatusCode, aio

from attendance_service.tracking.failure_log import SECONDS_BETWEEN_WARNINGS, FailureLog


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def failure(code: StatusCode) -> aio.AioRpcError:
    return aio.AioRpcError(code, aio.Metadata(), aio.Metadata(), details="as the test wants")


def failures_logged(caplog: pytest.LogCaptureFixture) -> list[int]:
    return [vars(record)["failures"] for record in caplog.records if record.levelno == logging.WARNING]


def test_an_outage_is_logged_at_once_and_then_once_a_minute_with_the_number_of_failures(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = Clock()
    log = FailureLog(clock)
    for _ in range(1000):
        log.add(failure(StatusCode.UNAVAILABLE))
    assert failures_logged(caplog) == [1]
    clock.now += SECONDS_BETWEEN_WARNINGS
    log.add(failure(StatusCode.DEADLINE_EXCEEDED))
    assert failures_logged(caplog) == [1, 1000]


def test_a_failure_that_does_not_end_by_itself_is_logged_each_time(caplog: pytest.LogCaptureFixture) -> None:
    log = FailureLog(Clock())
    for _ in range(2):
        log.add(failure(StatusCode.INTERNAL))
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]
