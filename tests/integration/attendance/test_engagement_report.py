from __future__ import annotations

from typing import Any

import pytest
from google.rpc import error_details_pb2
from grpc import StatusCode, aio

from astegni.attendance.v1 import attendance_pb2 as pb
from tests import guide_reports
from tests.grpc_errors import details, reason, refusal
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import (
    ADMIN,
    OTHER_TUTOR,
    PARENT,
    STUDENT,
    TUTOR,
    Platform,
)

LIST, EXPORT = "ListWhiteboardEngagement", "ExportWhiteboardEngagement"


@pytest.fixture
def admin_of_both(both_services: aio.Channel) -> Client:
    """An admin, calling services that both are real."""
    return Client(both_services, ADMIN, "admin")


def add_completed(platform: Platform, tutor: int, tutor_seconds: int, student_seconds: int, **columns: Any) -> int:  # noqa: ANN401
    """Insert a whiteboard session of an hour."""
    values = {
        "tutor_id": tutor,
        "scheduled_start": "2026-03-02 07:00Z",
        "scheduled_end": "2026-03-02 08:00Z",
        "status": "completed",
        "tutor_total_active_seconds": tutor_seconds,
        "student_total_active_seconds": student_seconds,
    }
    return platform.add_whiteboard(**values | columns)


async def names(client: Client, **fields: Any) -> list[str]:  # noqa: ANN401
    return [tutor.tutor_name for tutor in (await client.report(LIST, **fields)).tutors]


async def test_it_equals_the_guide_s_query(admin_of_both: Client, platform: Platform) -> None:
    for tutor_seconds, student_seconds in ((3600, 3001), (3501, 2222), (15, 7)):
        add_completed(platform, TUTOR, tutor_seconds, student_seconds)
    add_completed(platform, OTHER_TUTOR, 3333, 3210)
    add_completed(platform, TUTOR, 3600, 3600, status="scheduled")
    # Nobody's profile: the guide's query leaves them out as well.
    add_completed(platform, STUDENT, 3600, 3600)
    expected = [
        pb.TutorWhiteboardEngagement(
            tutor_name=name,
            whiteboard_sessions=count,
            avg_tutor_active_minutes=tutor_minutes,
            avg_student_active_minutes=student_minutes,
            avg_student_engagement_pct=percentage,
        )
        for name, count, tutor_minutes, student_minutes, percentage in platform.rows(
            guide_reports.WHITEBOARD_ENGAGEMENT
        )
    ]
    assert [tutor.tutor_name for tutor in expected] == ["other", "abebe"]
    assert list((await admin_of_both.report(LIST)).tutors) == expected


async def test_a_tutor_sees_their_own_row(both_services: aio.Channel, platform: Platform) -> None:
    for tutor in (TUTOR, OTHER_TUTOR):
        add_completed(platform, tutor, 3600, 3600)
    assert await names(Client(both_services, TUTOR, "tutor")) == ["abebe"]


@pytest.mark.parametrize(("user", "role"), [(STUDENT, "student"), (PARENT, "parent")])
@pytest.mark.parametrize("method", [LIST, EXPORT])
async def test_it_is_not_for_students_and_parents(channel: aio.Channel, user: int, role: str, method: str) -> None:
    refused = await refusal(Client(channel, user, role).report(method))
    assert refused == (StatusCode.PERMISSION_DENIED, "NOT_YOUR_REPORT")


async def test_days_are_those_of_the_session_time_zone_both_ends_included(
    admin_of_both: Client, platform: Platform
) -> None:
    """Midnight in Addis Ababa is 21:00 in UTC."""
    for start in ("2026-03-01 20:59Z", "2026-03-01 21:00Z", "2026-03-02 20:59Z", "2026-03-02 21:00Z"):
        add_completed(platform, TUTOR, 3600, 3600, scheduled_start=start, scheduled_end="2026-03-03 00:00Z")
    [row] = (await admin_of_both.report(LIST, date_from="2026-03-02", date_to="2026-03-02")).tutors
    assert row.whiteboard_sessions == 2


@pytest.mark.parametrize("limits", [{"date_from": "0001-01-01"}, {"date_to": "9999-12-31"}])
async def test_the_ends_of_the_calendar_leave_nothing_out(
    admin_of_both: Client, platform: Platform, limits: dict[str, str]
) -> None:
    add_completed(platform, TUTOR, 3600, 3600)
    assert await names(admin_of_both, **limits) == ["abebe"]


async def test_pages_follow_each_other_and_end_with_who_has_no_percentage(
    admin_of_both: Client, platform: Platform
) -> None:
    for number, student_seconds in ((103, 1800), (104, 3600), (105, None)):
        platform.run("INSERT INTO users (id) VALUES (%s)", number)
        platform.run("INSERT INTO tutor_profiles (id, user_id, username) VALUES (%s, %s, %s)", *(number,) * 3)
        add_completed(platform, number, 3600, student_seconds)  # type: ignore[arg-type]  # NULL in old rows
    first = await admin_of_both.report(LIST, page_size=2)
    second = await admin_of_both.report(LIST, page_size=2, page_token=first.next_page_token)
    assert [row.tutor_name for row in first.tutors] == ["104", "103"]
    assert [row.HasField("avg_student_engagement_pct") for row in second.tutors] == [False]
    assert second.next_page_token == ""


async def test_the_spreadsheet_says_the_same_as_the_list(admin_of_both: Client, platform: Platform) -> None:
    add_completed(platform, TUTOR, 3600, 1800)
    assert await admin_of_both.exported(EXPORT) == [
        {
            "tutor_name": "abebe",
            "whiteboard_sessions": "1",
            "avg_tutor_active_minutes": "60.0",
            "avg_student_active_minutes": "30.0",
            "avg_student_engagement_pct": "50.0",
        }
    ]


@pytest.mark.parametrize("method", [LIST, EXPORT])
async def test_while_tracking_is_away_it_says_when_to_retry(
    admin: Client, tracking_server: tuple[object, aio.Server, int], method: str
) -> None:
    await tracking_server[1].stop(None)
    with pytest.raises(aio.AioRpcError) as refused:
        await admin.report(method)
    assert (refused.value.code(), reason(refused.value)) == (StatusCode.UNAVAILABLE, "TRACKING_UNAVAILABLE")
    assert details(refused.value, error_details_pb2.RetryInfo)
