from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.capacity import (
    PARTICIPANTS,
    Assumptions,
    Costs,
    load_of,
    machines_for,
    max_of_one_primary,
    render,
)

COSTS = Costs(
    service_heartbeat=10,
    postgres_heartbeat=5,
    service_connect=150,
    postgres_connect=100,
    socket_heartbeat=40,
    gateway_heartbeat=60,
    socket_connect=400,
    gateway_connect=300,
    socket_memory=12,
    gateway_memory=52,
    log_heartbeat=300,
    disk_session=2_000,
)
ASSUMPTIONS = Assumptions(cell_participants=1_000_000_000)
ONLY_RELAYS = replace(ASSUMPTIONS, socket_share=0.0)


def test_a_core_is_a_million_microseconds_a_second() -> None:
    load = load_of(1_500_000, COSTS, ASSUMPTIONS)
    assert load.heartbeats == 100_000
    assert load.service_cores == pytest.approx(1.0 + 0.75)
    assert load.postgres_cores == pytest.approx(0.5 + 0.5)
    assert load.socket_cores == pytest.approx(4.0 + 2.0)
    assert load.gateway_cores == pytest.approx(6.0 + 1.5)


def test_a_socket_takes_memory_in_the_presence_socket_and_in_the_gateway() -> None:
    assert load_of(2**20, COSTS, ASSUMPTIONS).memory_gib == 12 + 52


def test_who_comes_by_a_relay_costs_neither_gateway_nor_presence_socket() -> None:
    load = load_of(1_500_000, COSTS, ONLY_RELAYS)
    assert (load.gateway_cores, load.socket_cores, load.memory_gib) == (0, 0, 0)
    assert load.service_cores == load_of(1_500_000, COSTS, ASSUMPTIONS).service_cores


def test_a_process_uses_only_the_planned_share_of_its_core() -> None:
    needed = machines_for(load_of(1_500_000, COSTS, ASSUMPTIONS), ASSUMPTIONS)
    assert (needed.tracking_services, needed.presence_sockets) == (3, 10)


def test_few_participants_need_two_of_each_and_one_cell() -> None:
    needed = machines_for(load_of(1_000, COSTS, ASSUMPTIONS), ASSUMPTIONS)
    assert (needed.cells, needed.gateways, needed.presence_sockets, needed.tracking_services) == (1, 2, 2, 2)
    assert needed.machines == 2 + needed.databases


def test_a_second_cell_is_needed_above_the_maximum_of_one_primary() -> None:
    maximum = max_of_one_primary(COSTS, ASSUMPTIONS)
    assert machines_for(load_of(maximum, COSTS, ASSUMPTIONS), ASSUMPTIONS).cells == 1
    assert machines_for(load_of(maximum + 1_000, COSTS, ASSUMPTIONS), ASSUMPTIONS).cells == 2


def test_a_cell_has_no_more_people_than_an_incident_may_reach() -> None:
    assumptions = replace(ASSUMPTIONS, cell_participants=100_000)
    assert machines_for(load_of(1_000_000, COSTS, assumptions), assumptions).cells == 10


def test_gateways_sockets_and_tracking_services_share_the_machines_beside_the_databases() -> None:
    needed = machines_for(load_of(15_000_000, COSTS, ASSUMPTIONS), ASSUMPTIONS)
    # 75 cores of gateways, 60 of presence sockets and 17.5 of tracking services, 9.6 to a machine.
    assert needed.machines - needed.databases == 16


def test_the_tables_have_a_row_for_each_number_of_participants() -> None:
    loads, machines, _ = render(COSTS, ASSUMPTIONS).split("\n\n")
    for table in (loads, machines):
        assert [line.split()[0] for line in table.splitlines()[2:]] == [f"{people:,}" for people in PARTICIPANTS]


def test_a_month_is_priced_where_the_price_of_a_machine_is_known() -> None:
    assert render(COSTS, ASSUMPTIONS).splitlines()[9].endswith("-")
    priced = render(COSTS, replace(ASSUMPTIONS, machine_price=100.0)).splitlines()[10]
    assert priced.endswith("400")
