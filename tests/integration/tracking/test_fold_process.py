"""A process of its own folds when there is much to do (docs/streams.md#folding)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import psutil
import pytest

from servicekit.database.engine import Database
from servicekit.errors import StorageUnavailable
from testkit.clock import SettableClock
from testkit.folding import fold_settings
from testkit.postgres import query
from testkit.whiteboard_sessions import STUDENT
from tracking_service.domain.fold_rhythm import Pace
from tracking_service.domain.grouping import ALL_GROUPS
from tracking_service.domain.heartbeat_columns import participant_key
from tracking_service.folding.fold_process import FoldProcess, FoldProcessEnded
from tracking_service.instruments.folding import FoldInstruments
from tracking_service.recording.appender import Appender
from tracking_service.recording.submission import UNNUMBERED, Submission
from tracking_service.store.shards import grouping_of

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
NO_PAUSE = Pace(seconds=0.0)
#: It takes a moment.
MAX_SECONDS = 30.0


@pytest.fixture
def process(database: str) -> Iterator[FoldProcess]:
    process = FoldProcess(fold_settings(database), FoldInstruments())
    yield process
    process.end()


@pytest.fixture
def heartbeat(database: str, session_id: int) -> None:
    """Is in the journal and is not folded."""
    # Where facts are in shards, these are asked beside the flush.
    pool = Database(database, role="tracking_service", application="test", pool_size=2)
    submission = Submission(None)
    key = participant_key(session_id, STUDENT, is_student=True)
    submission.heartbeats.add(UNNUMBERED, key, SettableClock(NOON).now(), "")
    Appender(pool).write([submission])
    pool.dispose()


def interval_count(database: str) -> int:
    return len(query(database, "SELECT FROM presence_intervals"))


def group_of(database: str, session_id: int) -> int:
    pool = Database(database, role="tracking_service", application="test", pool_size=1)
    with pool.transaction() as connection:
        group = grouping_of(connection).group_of(session_id)
    pool.dispose()
    return group


def spawned_by(parent: psutil.Process) -> list[psutil.Process]:
    """Return the processes that fold for a process."""
    return [child for child in parent.children() if "spawn_main" in " ".join(child.cmdline())]


@pytest.mark.usefixtures("heartbeat")
def test_it_folds_what_is_in_the_journal(process: FoldProcess, database: str, session_id: int) -> None:
    # Groups of other shards are folded by themselves, if it is their turn.
    turn = process.take_turn([group_of(database, session_id)], NO_PAUSE)
    assert (interval_count(database), turn.weight, len(turn.step_seconds)) == (1, 1, 1)


@pytest.mark.usefixtures("heartbeat")
def test_one_that_was_killed_is_replaced_at_the_next_turn(process: FoldProcess, database: str) -> None:
    process.take_turn((), NO_PAUSE)
    (child,) = spawned_by(psutil.Process())
    child.kill()
    child.wait()
    with pytest.raises(FoldProcessEnded):
        process.take_turn(ALL_GROUPS, NO_PAUSE)
    process.take_turn(ALL_GROUPS, NO_PAUSE)
    assert interval_count(database) == 1


def test_a_database_that_can_not_be_reached_is_an_error_of_the_turn_and_not_of_the_process() -> None:
    nowhere = fold_settings("postgresql://nobody@127.0.0.1:1/nothing")
    process = FoldProcess(nowhere, FoldInstruments())
    for _ in range(2):
        with pytest.raises(StorageUnavailable):
            process.take_turn(ALL_GROUPS, NO_PAUSE)
    assert len(spawned_by(psutil.Process())) == 1
    process.end()
    assert spawned_by(psutil.Process()) == []


def test_if_its_parent_is_killed_it_ends(database: str) -> None:
    program = f"""
import time
from testkit.folding import fold_settings
from tracking_service.domain.fold_rhythm import Pace
from tracking_service.folding.fold_process import FoldProcess
from tracking_service.instruments.folding import FoldInstruments

if __name__ == "__main__":
    process = FoldProcess(fold_settings({database!r}), FoldInstruments())
    process.take_turn((), {NO_PAUSE!r})
    print("ready", flush=True)
    time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"ready\n"
        (child,) = spawned_by(psutil.Process(parent.pid))
        parent.kill()
    psutil.wait_procs([child], timeout=MAX_SECONDS)
    assert not child.is_running()
