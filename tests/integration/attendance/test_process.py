"""The service as operators see it: health, settings, start and stop."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys

import pytest
from google.rpc import error_details_pb2
from grpc import StatusCode, aio

from astegni.attendance.v1 import attendance_pb2 as pb
from astegni.attendance.v1 import attendance_pb2_grpc
from attendance_service.app import AttendanceApp
from attendance_service.settings import AttendanceSettings
from attendance_service.wire.free_texts import MarkupRule
from servicekit.rpc.probe import is_serving
from testkit.grpc_errors import details, refusal
from testkit.running_app import channel_to, running
from testkit.tokens import SECRET
from tests.integration.attendance.client import Client
from tests.integration.attendance.own_service import OwnService
from tests.integration.attendance.platform import TUTOR, Platform
from tests.integration.attendance.tracking_stand_in import TrackingStandIn, there

SERVICE = "astegni.attendance.v1.AttendanceService"


async def test_the_service_reports_that_it_is_serving(app: AttendanceApp) -> None:
    assert await is_serving(f"127.0.0.1:{app.port}", SERVICE)


async def test_the_first_call_needs_no_second_connection_to_the_database(
    settings: AttendanceSettings, platform: Platform
) -> None:
    session_id = platform.add_session()
    app = AttendanceApp(settings.model_copy(update={"attendance_database_connections": 1}))
    async with running(app), channel_to(app) as channel:
        assert (await Client(channel, TUTOR, "tutor").session(session_id)).id == session_id


async def test_a_call_without_a_token_is_refused(app: AttendanceApp) -> None:
    async with aio.insecure_channel(f"127.0.0.1:{app.port}") as channel:
        stub = attendance_pb2_grpc.AttendanceServiceStub(channel)
        assert await refusal(stub.ListSessions(pb.ListSessionsRequest())) == (
            StatusCode.UNAUTHENTICATED,
            "BEARER_MISSING",
        )


async def test_every_error_names_this_service(tutor: Client) -> None:
    with pytest.raises(aio.AioRpcError) as refused:
        await tutor.session(4711)
    [info] = details(refused.value, error_details_pb2.ErrorInfo)
    assert (info.domain, dict(info.metadata)) == ("attendance.astegni", {"session_id": "4711"})


async def test_a_temporary_error_says_when_to_retry(
    tutor: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    session_id, _ = platform.add_lesson()
    tracking.failures = [StatusCode.INTERNAL]
    with pytest.raises(aio.AioRpcError) as refused:
        await tutor.suggestion(session_id)
    [retry] = details(refused.value, error_details_pb2.RetryInfo)
    assert retry.retry_delay.ToMilliseconds() == 1000


async def test_a_running_call_is_finished_before_the_service_stops(
    own_service: OwnService,
) -> None:
    app, tracking, tutor = own_service.app, own_service.tracking, own_service.client(TUTOR, "tutor")
    session_id, whiteboard = own_service.platform.add_lesson()
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), student=(201, []))
    tracking.answering.clear()
    running = asyncio.create_task(tutor.suggestion(session_id))
    await tracking.asked.wait()
    stopping = asyncio.create_task(app.stop())
    while await is_serving(f"127.0.0.1:{app.port}", SERVICE):
        pass
    tracking.answering.set()
    assert (await running).has_whiteboard
    await stopping


async def test_the_process_serves_until_sigterm(database: str) -> None:
    environment = os.environ | {
        "DATABASE_URL": database,
        "JWT_HS256_SECRET": SECRET,
        "ATTENDANCE_PORT": "0",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "attendance_service", env=environment, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    started = json.loads(await process.stderr.readline())
    assert started["message"] == "serving"
    # It has installed its signal handlers once it answers a call.
    assert await is_serving(f"127.0.0.1:{started['port']}", SERVICE)
    process.send_signal(signal.SIGTERM)
    lines = await process.stderr.read()
    assert b'"message": "stopped"' in lines
    assert await process.wait() == 0


async def test_the_process_reports_all_invalid_settings_at_once() -> None:
    environment = os.environ | {
        "JWT_HS256_SECRET": "short",
        "SESSION_TIMEZONE": "Mars/Base",
        "TRACKING_DEADLINE_SECONDS": "0",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "attendance_service", env=environment, stderr=asyncio.subprocess.PIPE
    )
    _, errors = await process.communicate()
    reported = errors.decode()
    for name in ("DATABASE_URL", "JWT_HS256_SECRET", "SESSION_TIMEZONE", "TRACKING_DEADLINE_SECONDS"):
        assert name in reported
    assert process.returncode == 2


async def test_markup_in_notes_is_refused_where_that_is_the_setting(
    settings: AttendanceSettings, platform: Platform
) -> None:
    session_id = platform.add_session()
    app = AttendanceApp(settings.model_copy(update={"free_text_markup": MarkupRule.REFUSE}))
    async with running(app), channel_to(app) as channel:
        marking = Client(channel, TUTOR, "tutor").mark(
            session_id, tutor_attendance_status=pb.present, attendance_notes="<img src=x onerror=alert(1)>"
        )
        with pytest.raises(aio.AioRpcError) as refused:
            await marking
    assert refused.value.code() is StatusCode.INVALID_ARGUMENT
    [bad_request] = details(refused.value, error_details_pb2.BadRequest)
    assert [violation.field for violation in bad_request.field_violations] == ["attendance_notes"]
