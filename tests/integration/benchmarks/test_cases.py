"""The harness at toy size: every case runs to its end and tells what it is there to tell. No figure is judged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.catalogue import CASES
from benchmarks.database import measured_postgres
from benchmarks.options import Options
from benchmarks.workbench import Workbench

TOY = Options(rounds=1, seconds=0.5, scale=0.004)
#: Its two minutes of joining are no toy; its comparison with what was sent is tested on its own.
LONG = {"million"}
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
}


@pytest.fixture
def workbench(tmp_path: Path) -> Iterator[Workbench]:
    with measured_postgres() as server:
        yield Workbench(server=server, directory=tmp_path, say=lambda _: None)


@pytest.mark.parametrize("case", sorted(CASES.keys() - LONG))
def test_a_case_prints_its_rows_and_its_goals(workbench: Workbench, case: str) -> None:
    report = CASES[case](workbench, TOY)
    assert [row[0] for row in report.rows] == ROWS[case]
    assert report.checks
