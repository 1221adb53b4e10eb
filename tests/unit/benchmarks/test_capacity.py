from __future__ import annotations

import pytest

from benchmarks.capacity import PARTICIPANTS, Assumptions, Costs, max_of_one_primary, render, requirements

COSTS = Costs(
    service_heartbeat=10,
    postgres_heartbeat=5,
    service_connect=150,
    postgres_connect=100,
    log_heartbeat=300,
    disk_session=2_000,
)
ASSUMPTIONS = Assumptions()


def test_a_core_is_a_million_microseconds_a_second() -> None:
    needed = requirements(1_500_000, COSTS, ASSUMPTIONS)
    assert needed.heartbeats == 100_000
    assert needed.service_cores == pytest.approx(1.0 + 0.75)
    assert needed.postgres_cores == pytest.approx(0.5 + 0.5)


def test_replicas_use_only_the_planned_share_of_their_cores() -> None:
    assert requirements(1_500_000, COSTS, ASSUMPTIONS).replicas == 3


def test_few_participants_need_two_replicas_and_one_primary() -> None:
    needed = requirements(1_000, COSTS, ASSUMPTIONS)
    assert (needed.replicas, needed.primaries) == (2, 1)


def test_a_second_primary_is_needed_above_the_maximum_of_one() -> None:
    maximum = max_of_one_primary(COSTS, ASSUMPTIONS)
    assert requirements(maximum, COSTS, ASSUMPTIONS).primaries == 1
    assert requirements(maximum + 1_000, COSTS, ASSUMPTIONS).primaries == 2


def test_the_table_has_a_row_for_each_number_of_participants() -> None:
    lines = render(COSTS, ASSUMPTIONS).splitlines()
    assert [line.split()[0] for line in lines[2 : 2 + len(PARTICIPANTS)]] == [
        f"{participants:,}" for participants in PARTICIPANTS
    ]
