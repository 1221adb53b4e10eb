from __future__ import annotations

import pytest

from benchmarks.cases.most_people import RESOLUTION, Search, Step, what_ends_first
from benchmarks.load.messages import Delivered
from benchmarks.measurement import MICROSECONDS_PER_SECOND

CORES = 2
WAITING = "acknowledgements wait for PostgreSQL's disk or its locks"


def tried(search: Search, limit: int) -> list[int]:
    """Return the numbers that a search tries where so many people are carried."""
    numbers = []
    while (number := search.next) is not None:
        search.record(number, is_carried=number <= limit)
        numbers.append(number)
    return numbers


def step(*, p99: float = 300.0, server: float = 0.5, postgres: float = 0.5, busy: float = 0.5) -> Step:
    return Step(
        people=1,
        delivered=[Delivered(events=1, seconds=1, latency_p99=p99), Delivered(events=1, seconds=1, latency_p99=1.0)],
        cores={"server": server, "PostgreSQL": postgres, "client": 0.1},
        busy=busy,
        resident_bytes=0,
    )


def test_a_search_doubles_until_it_is_too_many_and_then_halves_the_interval() -> None:
    assert tried(Search(first=100), limit=550) == [100, 200, 400, 800, 600, 500, 550]


def test_a_search_goes_below_its_first_number() -> None:
    assert tried(Search(first=100), limit=30) == [100, 50, 25, 37, 31, 28]


@pytest.mark.parametrize("limit", [1, 99, 100, 101, 999, 12_345, MICROSECONDS_PER_SECOND])
def test_a_search_ends_near_the_limit(limit: int) -> None:
    search = Search(first=100)
    tried(search, limit)
    assert search.too_many is not None
    assert search.carried <= limit < search.too_many
    assert search.too_many - search.carried <= max(search.too_many * RESOLUTION, 2)


def test_people_are_carried_if_the_slowest_load_process_got_its_acks_in_time() -> None:
    assert step(p99=250.0).is_carried
    assert not step(p99=250.1).is_carried


@pytest.mark.parametrize(
    ("too_many", "ends"),
    [
        (step(server=0.95, busy=1.0), "the service's core ends first: a process uses at most one, and it used 0.95"),
        (
            step(server=0.5, postgres=1.0, busy=1.0),
            "the machine's 2 cores end first: server 0.50, PostgreSQL 1.00, client 0.10, other programs 0.40",
        ),
        (
            step(),
            f"no core ends first (server 0.50, PostgreSQL 0.50, client 0.10): {WAITING}",
        ),
    ],
)
def test_the_report_says_what_ended_first(too_many: Step, ends: str) -> None:
    assert what_ends_first(too_many, CORES) == ends
