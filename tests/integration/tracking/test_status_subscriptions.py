"""WatchConnectionStatus: what watchers get from any replica, and how a subscription ends."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import nullcontext
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from grpc import StatusCode, aio

from astegni.tracking.v1 import tracking_pb2 as pb
from astegni.tracking.v1 import tracking_pb2_grpc
from servicekit.auth.principal import Principal
from servicekit.clock import Instant, SystemClock, seconds
from servicekit.database.engine import Database
from servicekit.identifiers import UserId, WhiteboardSessionId
from testkit.grpc_errors import refusal
from testkit.postgres import execute
from testkit.running_app import channel_to, running
from testkit.status_watcher import StatusWatcher
from testkit.tokens import metadata, token
from testkit.tracking_app import tracking_settings
from testkit.whiteboard_sessions import STUDENT, TUTOR, add_whiteboard_session
from tracking_service import status_subscriptions
from tracking_service.app import TrackingApp
from tracking_service.errors import TooManyWatches
from tracking_service.folding.fold import Folder
from tracking_service.folding.watched import WatchedSessions
from tracking_service.queries.status import StatusQuery
from tracking_service.settings import TrackingSettings
from tracking_service.status_subscriptions import StatusSubscriptions

if TYPE_CHECKING:
    from astegni.tracking.v1.tracking_pb2_grpc import TrackingServiceAsyncStub as Tracking

#: A short timeout, for tests that wait until it has passed, but longer than a busy machine takes to send a change.
SHORT_TIMEOUT = {"HEARTBEAT_INTERVAL_SECONDS": "1", "PRESENCE_TIMEOUT_SECONDS": "5"}


@pytest.fixture(autouse=True)
def _read_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status_subscriptions, "POLL_INTERVAL_SECONDS", 0.1)


@pytest_asyncio.fixture(loop_scope="module")
async def other_replica(settings: TrackingSettings) -> AsyncIterator[aio.Channel]:
    """Return a channel to a second tracking service on the same database."""
    async with running(TrackingApp(settings)) as app, channel_to(app) as channel:
        yield channel


@pytest.fixture
def watcher(channel: aio.Channel, session_id: int, tutor_token: str) -> StatusWatcher:
    return StatusWatcher(channel, tutor_token, session_id)


@pytest.fixture
def pool(database: str) -> Iterator[Database]:
    pool = Database(database, role="tracking_service", application="test", pool_size=2)
    yield pool
    pool.dispose()


async def connect(tracking: Tracking, session_id: int, bearer: str) -> pb.ConnectResponse:
    return await tracking.Connect(
        pb.ConnectRequest(session_id=session_id, user_type=pb.student), metadata=metadata(bearer)
    )


async def test_a_watcher_gets_the_present_state_at_once(
    tracking: Tracking, watcher: StatusWatcher, session_id: int, student_token: str, tutor_token: str
) -> None:
    assert not (await watcher.next()).student_connected
    await connect(tracking, session_id, student_token)
    requested = await tracking.GetConnectionStatus(
        pb.GetConnectionStatusRequest(session_id=session_id), metadata=metadata(tutor_token)
    )
    requested.ClearField("connection_logs")
    assert await watcher.next() == requested


async def test_what_one_replica_records_the_other_sends(
    other_replica: aio.Channel, watcher: StatusWatcher, session_id: int, student_token: str
) -> None:
    elsewhere = tracking_pb2_grpc.TrackingServiceStub(other_replica)
    await watcher.next()
    connected = await connect(elsewhere, session_id, student_token)
    status = await watcher.next()
    assert (status.student_connected, status.student_connected_at) == (True, connected.connected_at)
    disconnected = await elsewhere.Disconnect(
        pb.DisconnectRequest(session_id=session_id, user_type=pb.student), metadata=metadata(student_token)
    )
    status = await watcher.next()
    assert (status.student_connected, status.student_disconnected_at) == (False, disconnected.disconnected_at)


async def test_heartbeats_between_coming_and_leaving_are_no_change(
    tracking: Tracking, watcher: StatusWatcher, session_id: int, student_token: str
) -> None:
    await connect(tracking, session_id, student_token)
    await watcher.until(lambda status: status.student_connected)
    caller = metadata(student_token)
    await tracking.Heartbeat(pb.HeartbeatRequest(session_id=session_id, user_type=pb.student), metadata=caller)
    await tracking.Disconnect(pb.DisconnectRequest(session_id=session_id, user_type=pb.student), metadata=caller)
    assert not (await watcher.next()).student_connected


async def test_silence_shows_when_the_timeout_has_passed(
    database: str, monkeypatch: pytest.MonkeyPatch, session_id: int, tutor_token: str, student_token: str
) -> None:
    app = TrackingApp(tracking_settings(database, monkeypatch, **SHORT_TIMEOUT))
    async with running(app), channel_to(app) as channel:
        watcher = StatusWatcher(channel, tutor_token, session_id)
        await watcher.next()
        await connect(tracking_pb2_grpc.TrackingServiceStub(channel), session_id, student_token)
        assert (await watcher.next()).student_connected
        silent = await watcher.next()
    assert (silent.student_connected, silent.student_disconnected_at) == (False, silent.student_last_activity_at)


async def test_a_subscription_ends_when_its_token_has_expired(channel: aio.Channel, session_id: int) -> None:
    # Expired 25 s ago: the 30 s of grace end soon, but not before the first state is read.
    watcher = StatusWatcher(channel, token(TUTOR, "tutor", lifetime=timedelta(seconds=-25)), session_id)
    await watcher.next()
    assert await refusal(watcher.next()) == (StatusCode.UNAUTHENTICATED, "TOKEN_EXPIRED")


async def test_a_subscription_ends_when_its_session_is_deleted(
    watcher: StatusWatcher, database: str, session_id: int
) -> None:
    await watcher.next()
    execute(database, f"DELETE FROM whiteboard_sessions WHERE id = {session_id}")  # noqa: S608
    assert await refusal(watcher.next()) == (StatusCode.NOT_FOUND, "WHITEBOARD_SESSION_NOT_FOUND")


async def test_an_unknown_session_can_not_be_watched(channel: aio.Channel, tutor_token: str) -> None:
    refused = refusal(StatusWatcher(channel, tutor_token, 123456).next())
    assert await refused == (StatusCode.NOT_FOUND, "WHITEBOARD_SESSION_NOT_FOUND")


async def test_strangers_can_not_watch(channel: aio.Channel, session_id: int) -> None:
    refused = refusal(StatusWatcher(channel, token(999, "student"), session_id).next())
    assert await refused == (StatusCode.NOT_FOUND, "WHITEBOARD_SESSION_NOT_FOUND")


async def test_a_watcher_who_leaves_makes_room_for_another(pool: Database, session_id: int) -> None:
    clock = SystemClock()
    folder = Folder(pool, clock, timeout=seconds(75))
    watched_sessions = WatchedSessions(pool, clock, folder, timeout=seconds(75))
    query = StatusQuery(pool, clock, folder, watched_sessions, timeout=seconds(75))
    subscriptions = StatusSubscriptions(query, clock, limit=1)
    caller = Principal(
        subject=str(STUDENT),
        user_id=UserId(STUDENT),
        role="student",
        roles=frozenset({"student"}),
        expires_at=Instant(clock.now() + seconds(3600)),
    )
    watched = WhiteboardSessionId(session_id)
    async with subscriptions.opened(caller, watched, turn=nullcontext(), deadline_seconds=None):
        with pytest.raises(TooManyWatches):
            async with subscriptions.opened(caller, watched, turn=nullcontext(), deadline_seconds=None):
                pass
    async with subscriptions.opened(caller, watched, turn=nullcontext(), deadline_seconds=None) as subscription:
        assert (await subscription.next()).session_id == watched


async def test_a_tutor_sees_which_students_of_a_class_are_there_and_since_when(
    tracking: Tracking, channel: aio.Channel, database: str, tutor_token: str
) -> None:
    session_id = add_whiteboard_session(database, students=(201, 202))
    watcher = StatusWatcher(channel, tutor_token, session_id)
    everyone = (await watcher.next()).participants
    assert [(one.user_id, one.user_type, one.connected) for one in everyone] == [
        (TUTOR, pb.tutor, False),
        (201, pb.student, False),
        (202, pb.student, False),
    ]
    await connect(tracking, session_id, token(201, "student"))
    await watcher.next()
    second = await connect(tracking, session_id, token(202, "student"))
    _, first_student, second_student = (await watcher.next()).participants
    assert (first_student.connected, second_student.connected) == (True, True)
    assert second_student.present_since == second.connected_at
    left = await tracking.Disconnect(
        pb.DisconnectRequest(session_id=session_id, user_type=pb.student), metadata=metadata(token(202, "student"))
    )
    *_, second_student = (await watcher.next()).participants
    assert (second_student.connected, second_student.HasField("present_since")) == (False, False)
    assert second_student.left_at == left.disconnected_at


async def test_a_student_of_a_class_does_not_see_classmates_come(
    tracking: Tracking, channel: aio.Channel, database: str
) -> None:
    session_id = add_whiteboard_session(database, students=(201, 202, 203))
    await connect(tracking, session_id, token(201, "student"))
    watcher = StatusWatcher(channel, token(201, "student"), session_id)
    await watcher.next()
    await connect(tracking, session_id, token(202, "student"))
    await tracking.Connect(
        pb.ConnectRequest(session_id=session_id, user_type=pb.tutor), metadata=metadata(token(TUTOR, "tutor"))
    )
    # The first change that is sent is the tutor's.
    tutor, student = (await watcher.next()).participants
    assert (tutor.user_id, tutor.connected, student.user_id, student.connected) == (TUTOR, True, 201, True)


async def test_since_is_when_a_person_came_last(
    tracking: Tracking, watcher: StatusWatcher, session_id: int, student_token: str, database: str
) -> None:
    first = await connect(tracking, session_id, student_token)
    await tracking.Disconnect(
        pb.DisconnectRequest(session_id=session_id, user_type=pb.student), metadata=metadata(student_token)
    )
    # As after an absence that is longer than the presence timeout.
    earlier = first.connected_at.ToDatetime(UTC) - timedelta(hours=1)
    execute(
        database,
        f"UPDATE presence_intervals SET started_at = '{earlier}', ended_at = '{earlier}', last_sign_at = '{earlier}'",  # noqa: S608 - a time
    )
    again = await connect(tracking, session_id, student_token)
    # The watcher may also get what was true before the disconnect.
    status = await watcher.until(
        lambda status: status.student_connected and status.participants[1].present_since != first.connected_at
    )
    assert status.participants[1].present_since == again.connected_at
    assert status.student_connected_at.ToDatetime() <= first.connected_at.ToDatetime()
