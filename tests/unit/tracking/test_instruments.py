"""What instruments show when nothing is noted any more: a database that hangs raises no error."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

from prometheus_client import CollectorRegistry

from servicekit.clock import Instant
from servicekit.errors import StorageUnavailable
from servicekit.identifiers import UserId, WhiteboardSessionId
from testkit.eventually import eventually
from tests.unit.tracking.committers import committed
from tracking_service.domain.events import EventKind, Participant, PresenceEvent, UserType
from tracking_service.ingest.group_commit import GroupCommitter
from tracking_service.instruments.able_to_record import AbleToRecord
from tracking_service.instruments.appending import AppendInstruments
from tracking_service.instruments.folding import FoldInstruments
from tracking_service.recording.submission import UNNUMBERED, NumberedEvent, Outcome, Submission

STUDENT = Participant(WhiteboardSessionId(1), UserId(201), UserType.STUDENT)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Storage:
    """Fails or hangs, as the test wants."""

    def __init__(self) -> None:
        self.fails = False
        self.may_answer = threading.Event()
        self.may_answer.set()

    def write(self, submissions: Sequence[Submission]) -> list[Outcome]:
        self.may_answer.wait()
        if self.fails:
            raise StorageUnavailable
        return committed(submissions)


def submission() -> Submission:
    connect = PresenceEvent(STUDENT, EventKind.CONNECT, Instant(0))
    return Submission(None, events=[NumberedEvent(UNNUMBERED, connect)], caller="user:201")


def test_what_is_not_folded_only_gets_older_until_somebody_looks_again() -> None:
    clock = Clock()
    folds = FoldInstruments(clock=clock)
    folds.note_lag(3)
    clock.now += 20
    assert folds.lag_seconds() == 23
    folds.note_lag(0)
    clock.now += 20
    assert folds.lag_seconds() == 0


async def test_the_oldest_event_waits_until_it_is_acknowledged_and_failures_are_counted() -> None:
    registry, storage = CollectorRegistry(), Storage()
    able = AbleToRecord(registry)
    committer = GroupCommitter(storage.write, instruments=AppendInstruments(registry), able=able)
    running = asyncio.create_task(committer.run())
    assert committer.oldest_wait_seconds() == 0
    storage.may_answer.clear()
    pending = committer.enqueue(submission())
    await eventually(lambda: committer.oldest_wait_seconds() > 0)
    storage.fails = True
    storage.may_answer.set()
    await eventually(lambda: able.unable_seconds > 0)
    storage.fails = False
    await pending.outcome
    committer.close()
    await running
    assert committer.oldest_wait_seconds() == 0
    assert able.unable_seconds == 0
    assert (registry.get_sample_value("tracking_append_failures_total") or 0) >= 1
    assert registry.get_sample_value("tracking_append_seconds_count") == 1
    assert registry.get_sample_value("tracking_ack_seconds_count") == 1


async def test_marks_are_no_appends() -> None:
    registry = CollectorRegistry()
    committer = GroupCommitter(committed, instruments=AppendInstruments(registry))
    running = asyncio.create_task(committer.run())
    await committer.mark().outcome
    committer.close()
    await running
    assert registry.get_sample_value("tracking_append_seconds_count") == 0
    assert registry.get_sample_value("tracking_ack_seconds_count") == 0
