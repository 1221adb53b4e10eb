"""Runs benchmark cases at toy size, to see that they still work. No figure is checked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from benchmarks.cases import rolling, sockets
from benchmarks.cases.registry import ALL_CASES
from benchmarks.environment import Environment, durable_postgres
from benchmarks.measurement import QUICK
from benchmarks.report import Report
from testkit.citus import CitusCluster, needs_cluster

SOCKET_PROCESSES = ["presence socket", "gateway", "server", "PostgreSQL", "client"]
ROWS = {
    "batches": ["the service", "without storage", "driver alone", "connecting, once"],
    "columns": ["the service", "without storage", "driver alone", "connecting, once"],
    "single-heartbeats": ["the service", "without storage", "a bare reader", "connecting, once"],
    "many-streams": ["the service", "without storage", "a bare reader", "connecting, once"],
    "rest": [
        "through the gateway",
        "a bare handler",
        "the replaced system, at its least",
        "the replaced system, as built",
    ],
    "peers": [
        "Redis, one at a time",
        "Redis, pipelines of 100",
        "etcd leases",
        "PostgreSQL alone",
        "the replaced system, as built",
        "this service, batches of 100",
        "this service, one per message",
    ],
    "ack-latency": ["full load", "half of it"],
    "write-ahead-log": [
        "rows of heartbeat_streams",
        "rows of presence_intervals",
        "rows of whiteboard_sessions",
        "bytes of records",
        "bytes of full pages, in this run",
        "bytes of full pages, per participant and checkpoint",
        "log written, in bytes, with full pages of a checkpoint each 15 min",
    ],
    "growth": ["1,000 sessions", "1,000,000 sessions with their history", "logs of 15 entries", "logs of 400 entries"],
    "memory": ["the service without streams", "with 8 streams"],
    "outage": ["the service before", "maximum of the first half", "at the end"],
    "relay": ["relay client", "prepared messages"],
    "flood": ["nobody else", "another user floods"],
    "sockets": [*SOCKET_PROCESSES, "all but the client"],
    "kill": [
        "until it reports SERVING",
        "until the first ack",
        "until no more heartbeats wait than before",
        "until every documented column is later than the kill",
    ],
    "million": ["connecting", "connected"],
    "three-million": ["connecting", "connected"],
    "idle-sockets": SOCKET_PROCESSES,
    "socket-storm": SOCKET_PROCESSES,
    "rolling": ["before"]
    + [
        f"{kind} {number} {how}"
        for how in ("killed", "restarted")
        for kind in ("tracking", "attendance", "presence_socket")
        for number in (1, 2, 3)
    ],
    "socket-restart": ["from SIGTERM to its end", "until all were connected again"],
}
#: Runs the most parts: the service, the service without storage, and the database alone.
IN_EVERY_RUN = "batches"
#: Its rows are the numbers that it tries.
SEARCH = "most-people"
ON_DEMAND = sorted(ROWS.keys() - {IN_EVERY_RUN, "million"})


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    with durable_postgres() as server:
        yield Environment(server=server, directory=tmp_path_factory.mktemp("benchmarks"), log=lambda _: None)


def run(environment: Environment, case: str) -> Report:
    report = ALL_CASES[case](environment, QUICK)
    assert [row[0] for row in report.rows] == ROWS[case]
    assert report.checks
    return report


def test_every_case_is_run_by_these_tests() -> None:
    assert ALL_CASES.keys() == ROWS.keys() | {SEARCH}


def test_a_case_prints_its_rows_and_its_goals(environment: Environment) -> None:
    run(environment, IN_EVERY_RUN)


@pytest.mark.thorough
@pytest.mark.parametrize("case", ON_DEMAND)
def test_every_other_case_prints_its_rows_and_its_goals(environment: Environment, case: str) -> None:
    run(environment, case)


@pytest.mark.thorough
@pytest.mark.parametrize("case", ["idle-sockets", "rolling"])
def test_sockets_are_divided_among_several_gateways(
    environment: Environment, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (sockets, rolling):
        monkeypatch.setattr(module, "gateways_for", lambda _pages, **_: 2)
    report = run(environment, case)
    assert [check.goal for check in report.checks if not check.is_met and "socket" in check.goal] == []


@needs_cluster
@pytest.mark.thorough
def test_processes_end_one_after_the_other_on_a_cluster(environment: Environment) -> None:
    run(replace(environment, cluster=CitusCluster.of_tests()), "rolling")


@pytest.mark.thorough
def test_the_million_compares_what_is_stored_with_what_was_sent(environment: Environment) -> None:
    report = run(environment, "million")
    facts = {check.goal: check.is_met for check in report.checks if "right" in check.goal or "add up" in check.goal}
    assert facts == {
        "presence intervals right": True,
        "documented columns right": True,
        "recorded connects right": True,
        "stored positions of the streams add up to what was sent": True,
    }


@pytest.mark.thorough
def test_the_search_tries_numbers_of_people_and_loses_nothing(environment: Environment) -> None:
    report = ALL_CASES[SEARCH](environment, QUICK)
    assert report.rows[0][0] == "1,000"
    assert [check.is_met for check in report.checks if check.goal == "no heartbeat rejected"] == [True]
