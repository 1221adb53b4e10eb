"""Gauges that PostgreSQL answers: asked seldom, and never waited for."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from sqlalchemy import text
from sqlalchemy.engine import Connection

from servicekit.database.engine import Database
from servicekit.errors import StorageUnavailable
from servicekit.metrics.asked_gauges import (
    MAX_AGE_SECONDS,
    MIN_SECONDS_BETWEEN_QUESTIONS,
    STATEMENT_TIMEOUT,
    Answers,
    AskedGauge,
    AskedGauges,
)
from testkit.scrape import Scrape

GAUGE = AskedGauge("example", "An example.", ("kind",))


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Question:
    """Counts how often it is asked; may fail, or wait until it is released."""

    def __init__(self) -> None:
        self.times = 0
        self.fails = False
        self.may_answer = threading.Event()
        self.may_answer.set()

    def __call__(self, connection: Connection) -> Answers:
        connection.execute(text("SELECT 1"))
        self.times += 1
        self.may_answer.wait()
        if self.fails:
            raise StorageUnavailable
        return {("example", ("one",)): float(self.times)}


class Process:
    def __init__(self, url: str) -> None:
        self.clock, self.question = Clock(), Question()
        self.registry = CollectorRegistry()
        database = Database(url, role="", application="test", pool_size=1, parameters=STATEMENT_TIMEOUT)
        self.gauges = AskedGauges(self.registry, database, [GAUGE], self.question, clock=self.clock)

    def scrape(self) -> Scrape:
        return Scrape(generate_latest(self.registry).decode())

    def value(self) -> float:
        return self.scrape().value("example", kind="one")


@pytest.fixture
def process(database: str) -> Iterator[Process]:
    process = Process(database)
    yield process
    process.question.may_answer.set()
    process.gauges.stop()


def test_nothing_is_asked_before_the_first_scrape(process: Process) -> None:
    assert process.question.times == 0


def test_many_scrapes_ask_once_in_a_while(process: Process) -> None:
    assert [process.value() for _ in range(3)] == [1, 1, 1]
    process.clock.now += MIN_SECONDS_BETWEEN_QUESTIONS
    assert [process.value() for _ in range(3)] == [2, 2, 2]


def test_a_scrape_shows_the_last_answer_while_the_database_hangs(process: Process) -> None:
    process.value()
    process.question.may_answer.clear()
    process.clock.now += MIN_SECONDS_BETWEEN_QUESTIONS
    assert process.value() == 1


def test_after_a_failure_the_last_answer_is_shown_until_it_is_old(process: Process) -> None:
    process.value()
    process.question.fails = True
    process.clock.now += MIN_SECONDS_BETWEEN_QUESTIONS
    assert process.value() == 1
    process.clock.now += MAX_AGE_SECONDS
    assert not process.scrape().shows("example")


def test_a_database_that_is_away_costs_a_scrape_only_these_gauges() -> None:
    process = Process("postgresql://nobody@127.0.0.1:1/nothing")
    assert not process.scrape().shows("example")
    process.gauges.stop()


def test_postgresql_gives_up_soon(database: str) -> None:
    asked = Database(database, role="", application="test", pool_size=1, parameters=STATEMENT_TIMEOUT)
    with asked.transaction() as connection:
        assert connection.execute(text("SHOW statement_timeout")).scalar_one() == "2s"
    asked.dispose()
