"""What the service shows at /metrics (docs/metrics.md)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from grpc import StatusCode

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.app import AttendanceApp
from attendance_service.settings import AttendanceSettings
from attendance_service.store.gauges import GaugeQuestions
from servicekit.database.engine import Database
from testkit.grpc_errors import refusal
from testkit.running_app import running
from testkit.scrape import scrape
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import Platform
from tests.integration.attendance.tracking_stand_in import TrackingStandIn

pytestmark = pytest.mark.usefixtures("channel")

SETTLING_TIME = timedelta(minutes=2, seconds=30)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def app(settings: AttendanceSettings) -> AsyncIterator[AttendanceApp]:
    async with running(AttendanceApp(settings.model_copy(update={"metrics_port": 0}))) as app:
        yield app


def just_over(ended: timedelta) -> dict[str, object]:
    """Return the columns of a session of an hour that ended some time ago."""
    end = datetime.now(UTC) - ended + timedelta(hours=3)
    start = end - timedelta(hours=1)
    return {"session_date": start.date(), "start_time": start.time(), "end_time": end.time()}


async def test_suggestions_are_counted_by_status_and_confidence(app: AttendanceApp, tutor: Client, lesson: int) -> None:
    before = await scrape(app.metrics.port)
    shown = await tutor.suggestion(lesson)
    after = await scrape(app.metrics.port)
    labels = {
        "status": pb.AttendanceStatus.Name(shown.student_status_suggestion),
        "confidence": pb.Confidence.Name(shown.student_confidence),
    }
    name = "attendance_suggestions_total"
    assert after.value(name, **labels) - before.value(name, **labels) == 1


async def test_decisions_are_counted_by_kind(app: AttendanceApp, tutor: Client, lesson: int) -> None:
    before = await scrape(app.metrics.port)
    await tutor.mark(lesson, tutor_attendance_status=pb.present, student_attendance_status=pb.present)
    await tutor.report("WithdrawDecision", session_id=lesson)
    after = await scrape(app.metrics.port)
    counts = [
        after.value("attendance_decisions_total", kind=kind) - before.value("attendance_decisions_total", kind=kind)
        for kind in ("manual", "withdrawal")
    ]
    assert counts == [1, 1]


async def test_it_is_counted_how_often_the_tracking_service_does_not_answer(
    app: AttendanceApp, tutor: Client, tracking: TrackingStandIn, lesson: int
) -> None:
    before = await scrape(app.metrics.port)
    tracking.failures = [StatusCode.INTERNAL]
    await refusal(tutor.suggestion(lesson))
    after = await scrape(app.metrics.port)
    name = "attendance_tracking_unavailable_total"
    assert after.value(name) - before.value(name) == 1


async def test_lessons_that_are_not_settled_and_claims_are_counted_in_the_database(
    app: AttendanceApp, platform: Platform, database: str
) -> None:
    platform.add_session(**just_over(timedelta(hours=1)))
    platform.add_session(**just_over(timedelta(minutes=1)))
    asked = Database(database, role="", application="test", pool_size=1)
    question = GaugeQuestions(ZoneInfo("Africa/Addis_Ababa"), SETTLING_TIME)
    with asked.transaction() as connection:
        answers = {name: value for (name, labels), value in question(connection).items() if labels != ("settled",)}
    asked.dispose()
    oldest = answers.pop("attendance_oldest_unsettled_seconds")
    assert answers == {"attendance_lessons": 1, "attendance_claims_waiting": 0}
    expected = (timedelta(hours=1) - SETTLING_TIME).total_seconds()
    assert expected <= oldest < expected + 600
    shown = await scrape(app.metrics.port)
    assert shown.shows("attendance_lessons")
    assert shown.shows("attendance_claims_waiting")
