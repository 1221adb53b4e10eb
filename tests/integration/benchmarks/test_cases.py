"""The harness at toy size: every case runs to its end and tells what it is there to tell. No figure is judged."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.cases import million
from benchmarks.catalogue import CASES, SOCKET_CASES
from benchmarks.database import measured_postgres
from benchmarks.options import Options
from benchmarks.workbench import Workbench

TOY = Options(rounds=1, seconds=0.5, scale=0.004)
ROWS = {
    "batches": ["the service", "without storage", "driver alone", "connecting, once"],
    "single-beats": ["the service", "without storage", "connecting, once"],
    "many-streams": ["the service", "without storage", "connecting, once"],
    "rest": ["through the gateway", "the old way"],
    "ack-latency": ["all it can", "half of that"],
    "write-ahead-log": [
        "rows of heartbeat_streams",
        "rows of presence_intervals",
        "rows of whiteboard_sessions",
        "bytes of records",
        "bytes of full pages, in this run",
        "bytes of full pages, per person and checkpoint",
    ],
    "growth": ["1,000 sessions", "1,000,000 sessions with their history", "logs of 15 entries", "logs of 400 entries"],
    "memory": ["the service without streams", "with 8 streams"],
    "outage": ["the service before", "at the most in the first half", "at the end"],
    "relay": ["by the relay client", "prepared messages"],
}
SOCKET_ROWS = {
    "idle-sockets": ["presence socket", "gateway", "server", "PostgreSQL", "client"],
    "socket-storm": ["presence socket", "gateway", "server", "PostgreSQL", "client"],
    "socket-restart": ["from SIGTERM to its end", "until all were back"],
}


@pytest.fixture(scope="module")
def workbench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    with measured_postgres() as server:
        yield Workbench(server=server, directory=tmp_path_factory.mktemp("benchmarks"), say=lambda _: None)


def test_every_case_is_tried_here() -> None:
    assert CASES.keys() == {*ROWS, "million"}
    assert SOCKET_CASES.keys() == SOCKET_ROWS.keys()


@pytest.mark.parametrize("case", ROWS)
def test_a_case_prints_its_rows_and_its_goals(workbench: Workbench, case: str) -> None:
    report = CASES[case](workbench, TOY)
    assert [row[0] for row in report.rows] == ROWS[case]
    assert report.checks


@pytest.mark.parametrize("case", SOCKET_ROWS)
def test_a_case_of_sockets_prints_its_rows_and_its_goals(workbench: Workbench, case: str) -> None:
    report = SOCKET_CASES[case](workbench, TOY)
    assert [row[0] for row in report.rows] == SOCKET_ROWS[case]
    assert report.checks


def test_the_million_compares_what_is_stored_with_what_was_sent(workbench: Workbench) -> None:
    report = million.run(workbench, TOY, heartbeat_seconds=0.5, joining_seconds=0.5, joining_cycles=2)
    judged = {check.goal: check.is_met for check in report.checks if "right" in check.goal or "add up" in check.goal}
    assert judged == {
        "presence intervals right": True,
        "documented columns right": True,
        "recorded connects right": True,
        "stored positions of the streams add up to what was sent": True,
    }
