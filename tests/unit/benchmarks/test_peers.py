from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.cases.peers import peers, report
from benchmarks.load.messages import Delivered
from benchmarks.measurement import Measurement, Rounds
from benchmarks.peers.peer import PeerSize

SIZE = PeerSize(participants=200, watched=100)
MEASURED = Rounds(
    [Measurement(delivered=Delivered(events=1_000, seconds=2.0), processor={"server": 0.001, "PostgreSQL": 0.002})]
)
ALWAYS_INSTALLED = ["PostgreSQL alone", "this service, batches of 100", "this service, one per message"]


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda *_: None)


@pytest.mark.usefixtures("nothing_installed")
def test_without_other_systems_postgresql_and_this_service_are_measured() -> None:
    assert [peer.name for peer in peers(SIZE) if peer.is_installed] == ALWAYS_INSTALLED


@pytest.mark.usefixtures("nothing_installed")
def test_what_is_not_installed_has_its_row_and_a_line_that_says_how_to_get_it() -> None:
    printed = report(SIZE, peers(SIZE), dict.fromkeys(ALWAYS_INSTALLED, MEASURED))
    assert [row[0] for row in printed.rows if row[1] == "not installed"] == [
        "Redis, one at a time",
        "Redis, pipelines of 100",
        "etcd leases",
        "the replaced system, as built",
    ]
    redis = "not measured. Missing: redis-server, redis-benchmark. To install: apt-get install redis-server"
    fastapi = "not measured. Missing: fastapi, uvicorn. To install: .venv/bin/pip install fastapi uvicorn"
    assert printed.notes[:4] == (
        f"Redis, one at a time: {redis}",
        f"Redis, pipelines of 100: {redis}",
        "etcd leases: not measured. Missing: etcd. To install: apt-get install etcd-server",
        f"the replaced system, as built: {fastapi}",
    )


def test_the_servers_of_a_peer_are_added_up() -> None:
    printed = report(SIZE, peers(SIZE), dict.fromkeys(ALWAYS_INSTALLED, MEASURED))
    ours = dict(zip(printed.header, printed.rows[-1], strict=True))
    assert (ours["server us"], ours["PostgreSQL us"], ours["together us"]) == ("1.00", "2.00", "3.00")


def test_redis_is_a_goal_only_where_it_was_measured() -> None:
    everything = peers(SIZE)
    without = report(SIZE, everything, dict.fromkeys(ALWAYS_INSTALLED, MEASURED))
    beside = report(SIZE, everything, {peer.name: MEASURED for peer in everything})
    assert {check.goal for check in beside.checks} - {check.goal for check in without.checks} == {
        "of Redis, pipelines of 100 >= 0.90"
    }
