from __future__ import annotations

import pytest

from benchmarks.capacity import PEOPLE, Costs, Terms, most_of_one_primary, need, render

COSTS = Costs(
    service_beat=10, postgres_beat=5, service_connect=150, postgres_connect=100, log_beat=300, disk_session=2_000
)
TERMS = Terms()


def test_a_core_is_a_million_microseconds_a_second() -> None:
    needed = need(1_500_000, COSTS, TERMS)
    assert needed.beats == 100_000
    assert needed.service_cores == pytest.approx(1.0 + 0.75)
    assert needed.postgres_cores == pytest.approx(0.5 + 0.5)


def test_replicas_keep_room_on_their_cores() -> None:
    assert need(1_500_000, COSTS, TERMS).replicas == 3


def test_few_people_have_two_replicas_and_one_primary() -> None:
    needed = need(1_000, COSTS, TERMS)
    assert (needed.replicas, needed.primaries) == (2, 1)


def test_sharding_begins_where_the_model_says() -> None:
    most = most_of_one_primary(COSTS, TERMS)
    assert need(most, COSTS, TERMS).primaries == 1
    assert need(most + 1_000, COSTS, TERMS).primaries == 2


def test_the_table_has_a_row_for_each_size() -> None:
    lines = render(COSTS, TERMS).splitlines()
    assert [line.split()[0] for line in lines[2 : 2 + len(PEOPLE)]] == [f"{people:,}" for people in PEOPLE]
