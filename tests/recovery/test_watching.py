"""Watchers while storage is unavailable: their stream goes on, and sends no status that is not known."""

from __future__ import annotations

from grpc import aio

from astegni.tracking.v1 import tracking_pb2 as pb
from astegni.tracking.v1 import tracking_pb2_grpc
from testkit.service_process import ServiceProcess
from testkit.status_watcher import StatusWatcher
from testkit.tokens import metadata, token
from testkit.whiteboard_sessions import STUDENT, TUTOR, add_whiteboard_session
from tests.recovery.postgres_control import PostgresControl


async def test_a_watch_outlives_storage_that_is_stopped_and_started_again(
    service_on_own_postgres: ServiceProcess, postgres: PostgresControl
) -> None:
    session_id = add_whiteboard_session(postgres.url)
    student = metadata(token(STUDENT, "student"))
    async with aio.insecure_channel(service_on_own_postgres.address) as channel:
        tracking = tracking_pb2_grpc.TrackingServiceStub(channel)
        watcher = StatusWatcher(channel, token(TUTOR, "tutor"), session_id)
        await watcher.next()
        await tracking.Connect(pb.ConnectRequest(session_id=session_id, user_type=pb.student), metadata=student)
        assert (await watcher.next()).student_connected
        await postgres.stop()
        await postgres.start()
        await tracking.Disconnect(
            pb.DisconnectRequest(session_id=session_id, user_type=pb.student), metadata=student, wait_for_ready=True
        )
        assert not (await watcher.next()).student_connected
    service_on_own_postgres.kill()
    assert "looking at watched sessions failed" not in service_on_own_postgres.log()
