from __future__ import annotations

from typing import Any

import pytest
from google.rpc import error_details_pb2
from grpc import StatusCode, aio

from astegni.attendance.v1 import attendance_pb2 as pb
from testkit import guide_reports
from testkit.grpc_errors import details, reason, refusal
from tests.integration.attendance.client import Client
from tests.integration.attendance.own_service import OwnService
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
    """An admin who calls an attendance service with a real tracking service."""
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


#: First name and father's name, and tutor_profiles.id, by username.
PEOPLE = {"abebe": ("Abebe Kebede", 11), "other": ("Other Tutor", 12)}


async def names(client: Client, **fields: Any) -> list[str]:  # noqa: ANN401
    return [tutor.tutor_username for tutor in (await client.report(LIST, **fields)).tutors]


async def test_the_report_equals_the_guide_s_query(admin_of_both: Client, platform: Platform) -> None:
    for tutor_seconds, student_seconds in ((3600, 3001), (3501, 2222), (15, 7)):
        add_completed(platform, TUTOR, tutor_seconds, student_seconds)
    add_completed(platform, OTHER_TUTOR, 3333, 3210)
    add_completed(platform, TUTOR, 3600, 3600, status="scheduled")
    # A tutor without a profile: the guide's query leaves them out as well.
    add_completed(platform, STUDENT, 3600, 3600)
    expected = [
        pb.TutorWhiteboardEngagement(
            tutor_username=username,
            tutor_name=PEOPLE[username][0],
            tutor_id=PEOPLE[username][1],
            whiteboard_sessions=count,
            avg_tutor_active_minutes=tutor_minutes,
            avg_student_active_minutes=student_minutes,
            avg_student_engagement_pct=percentage,
        )
        for username, count, tutor_minutes, student_minutes, percentage in platform.rows(
            guide_reports.WHITEBOARD_ENGAGEMENT
        )
    ]
    assert [tutor.tutor_username for tutor in expected] == ["other", "abebe"]
    assert list((await admin_of_both.report(LIST)).tutors) == expected


async def test_a_student_who_stays_on_is_engaged_for_no_more_than_the_lesson(
    admin_of_both: Client, platform: Platform
) -> None:
    """The documented columns have all of their presence: the guide's query differs here."""
    whiteboard = add_completed(platform, TUTOR, 3600, 3 * 3600, student_id=[STUDENT])
    platform.add_presence(whiteboard, TUTOR, "07:00", "08:00", role="tutor")
    platform.add_presence(whiteboard, STUDENT, "07:00", "10:00")
    [row] = (await admin_of_both.report(LIST)).tutors
    assert (row.avg_tutor_active_minutes, row.avg_student_active_minutes) == (60, 60)
    assert row.avg_student_engagement_pct == 100


async def test_a_tutor_sees_their_own_row(both_services: aio.Channel, platform: Platform) -> None:
    for tutor in (TUTOR, OTHER_TUTOR):
        add_completed(platform, tutor, 3600, 3600)
    assert await names(Client(both_services, TUTOR, "tutor")) == ["abebe"]


@pytest.mark.parametrize(("user", "role"), [(STUDENT, "student"), (PARENT, "parent")])
@pytest.mark.parametrize("method", [LIST, EXPORT])
async def test_students_and_parents_may_not_read_the_report(
    channel: aio.Channel, user: int, role: str, method: str
) -> None:
    refused = await refusal(Client(channel, user, role).report(method))
    assert refused == (StatusCode.PERMISSION_DENIED, "NOT_YOUR_REPORT")


async def test_days_are_in_the_session_time_zone_and_both_ends_are_included(
    admin_of_both: Client, platform: Platform
) -> None:
    """Midnight in Addis Ababa is 21:00 in UTC."""
    for start in ("2026-03-01 20:59Z", "2026-03-01 21:00Z", "2026-03-02 20:59Z", "2026-03-02 21:00Z"):
        add_completed(platform, TUTOR, 3600, 3600, scheduled_start=start, scheduled_end="2026-03-03 00:00Z")
    [row] = (await admin_of_both.report(LIST, date_from="2026-03-02", date_to="2026-03-02")).tutors
    assert row.whiteboard_sessions == 2


@pytest.mark.parametrize("limits", [{"date_from": "0001-01-01"}, {"date_to": "9999-12-31"}])
async def test_the_ends_of_the_calendar_exclude_nothing(
    admin_of_both: Client, platform: Platform, limits: dict[str, str]
) -> None:
    add_completed(platform, TUTOR, 3600, 3600)
    assert await names(admin_of_both, **limits) == ["abebe"]


@pytest.fixture
def five_tutors(platform: Platform) -> list[str]:
    """Ranked by engagement: two equal ones, and one without a percentage last. Their ids are in another order."""
    for number, student_seconds in ((110, 900), (111, 3600), (112, None), (113, 900), (114, 1800)):
        platform.run("INSERT INTO users (id) VALUES (%s)", number)
        platform.run(
            "INSERT INTO tutor_profiles (id, user_id, username) VALUES (%s, %s, %s)", number, number, f"t{number}"
        )
        add_completed(platform, number, 3600, student_seconds)  # type: ignore[arg-type]  # NULL in old rows
    return ["t111", "t114", "t110", "t113", "t112"]


async def listed(client: Client, size: int) -> list[list[str]]:
    """Return the names on every page."""
    return [[tutor.tutor_username for tutor in page.tutors] for page in await client.pages(LIST, page_size=size)]


@pytest.mark.usefixtures("five_tutors")
@pytest.mark.parametrize(
    ("size", "pages"),
    [
        (1, [["t110"], ["t111"], ["t112"], ["t113"], ["t114"]]),
        (2, [["t111", "t110"], ["t113", "t112"], ["t114"]]),
        (4, [["t111", "t110", "t113", "t112"], ["t114"]]),
    ],
)
async def test_pages_follow_the_ids_of_tutors_and_each_page_is_ranked(
    admin_of_both: Client, size: int, pages: list[list[str]]
) -> None:
    assert await listed(admin_of_both, size) == pages


async def test_a_page_with_all_tutors_is_ranked_and_has_no_next_page(
    admin_of_both: Client, five_tutors: list[str]
) -> None:
    assert await listed(admin_of_both, len(five_tutors)) == [five_tutors]


@pytest.mark.usefixtures("five_tutors")
async def test_a_tutor_without_a_profile_is_left_out_of_their_page(admin_of_both: Client, platform: Platform) -> None:
    platform.run("DELETE FROM tutor_profiles WHERE user_id IN (110, 111, 113)")
    assert await listed(admin_of_both, 2) == [[], ["t112"], ["t114"]]


@pytest.mark.usefixtures("five_tutors")
async def test_a_page_token_is_refused_for_another_report(admin_of_both: Client) -> None:
    token = (await admin_of_both.report(LIST, page_size=1)).next_page_token
    refused = await refusal(admin_of_both.report("ListTutorAttendanceRates", page_token=token))
    assert refused == (StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")


async def test_the_csv_has_all_tutors_in_the_order_of_their_rank(admin_of_both: Client, five_tutors: list[str]) -> None:
    assert [line["tutor_username"] for line in await admin_of_both.exported(EXPORT)] == five_tutors


async def test_the_csv_has_all_tutors_of_several_pages(admin_of_both: Client, platform: Platform) -> None:
    platform.run("INSERT INTO users (id) SELECT generate_series(1001, 1401)")
    platform.run("INSERT INTO tutor_profiles (id, user_id, username) SELECT n, n, n FROM generate_series(1001, 1401) n")
    platform.run(
        "INSERT INTO whiteboard_sessions (tutor_id, status) SELECT n, 'completed' FROM generate_series(1001, 1401) n"
    )
    shown = [line["tutor_username"] for line in await admin_of_both.exported(EXPORT)]
    assert shown == [str(number) for number in range(1001, 1402)]


async def test_the_csv_has_the_same_values_as_the_list(admin_of_both: Client, platform: Platform) -> None:
    add_completed(platform, TUTOR, 3600, 1800)
    assert await admin_of_both.exported(EXPORT) == [
        {
            "tutor_name": "Abebe Kebede",
            "whiteboard_sessions": "1",
            "avg_tutor_active_minutes": "60.0",
            "avg_student_active_minutes": "30.0",
            "avg_student_engagement_pct": "50.0",
            "tutor_id": "11",
            "tutor_username": "abebe",
        }
    ]


@pytest.mark.parametrize("method", [LIST, EXPORT])
async def test_while_tracking_is_unavailable_the_error_says_when_to_retry(own_service: OwnService, method: str) -> None:
    await own_service.tracking_server.stop()
    with pytest.raises(aio.AioRpcError) as refused:
        await own_service.client(ADMIN, "admin").report(method)
    assert (refused.value.code(), reason(refused.value)) == (StatusCode.UNAVAILABLE, "TRACKING_UNAVAILABLE")
    assert details(refused.value, error_details_pb2.RetryInfo)
