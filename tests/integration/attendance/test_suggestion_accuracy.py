from __future__ import annotations

import pytest
from grpc import StatusCode, aio

from astegni.attendance.v1 import attendance_pb2 as pb
from testkit.grpc_errors import refusal
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import CLASS, CLASSMATE, PARENT, STUDENT, TUTOR, Platform
from tests.integration.attendance.tracking_stand_in import TrackingStandIn, there

GET, EXPORT = "GetSuggestionAccuracy", "ExportSuggestionAccuracy"


@pytest.fixture
def lesson(platform: Platform, tracking: TrackingStandIn) -> int:
    """A session of a punctual tutor and a student who never came: both suggestions have high confidence."""
    session_id, whiteboard = platform.add_lesson()
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), student=(STUDENT, []))
    return session_id


def date_decisions(platform: Platform, *times: str) -> None:
    """Set the times of the decisions so far, which only the owner of the table can do."""
    for number, time in enumerate(times, start=1):
        platform.rewrite_decisions("decided_at = %s WHERE id = %s", time, number)


async def counted(admin: Client, **days: str) -> dict[str, tuple[int, int]]:
    """Return (decided, agreed) by first reason."""
    return {row.reason: (row.decided, row.agreed) for row in (await admin.report(GET, **days)).agreements}


async def test_an_accepted_suggestion_agrees_for_each_person(
    admin: Client, tutor: Client, platform: Platform, lesson: int
) -> None:
    await tutor.mark(lesson, use_suggestion=True)
    date_decisions(platform, "2026-03-02 08:10Z")
    assert list((await admin.report(GET)).agreements) == [
        pb.SuggestionAgreement(month="2026-03", confidence=pb.high, reason=reason, decided=1, agreed=1)
        for reason in ("never_connected", "on_time")
    ]


async def test_another_status_than_the_suggested_one_disagrees(admin: Client, tutor: Client, lesson: int) -> None:
    await tutor.mark(lesson, tutor_attendance_status=pb.present, student_attendance_status=pb.late)
    assert await counted(admin) == {"never_connected": (1, 0), "on_time": (1, 1)}


async def test_the_total_is_a_percentage_rounded_down(admin: Client, tutor: Client, lesson: int) -> None:
    await tutor.mark(lesson, use_suggestion=True)
    await tutor.mark(lesson, student_attendance_status=pb.present)
    found = await admin.report(GET)
    assert (found.decided, found.agreed, found.agreement_percentage) == (3, 2, 66.6)


@pytest.mark.usefixtures("platform")
async def test_without_a_decision_there_is_no_percentage(admin: Client) -> None:
    assert await admin.report(GET) == pb.GetSuggestionAccuracyResponse()


async def test_a_person_without_a_decision_does_not_count(admin: Client, parent: Client, lesson: int) -> None:
    await parent.mark(lesson, student_attendance_status=pb.absent)
    assert await counted(admin) == {"never_connected": (1, 1)}


async def test_a_later_decision_on_the_same_session_counts_as_well(admin: Client, tutor: Client, lesson: int) -> None:
    await tutor.mark(lesson, use_suggestion=True)
    await tutor.mark(lesson, student_attendance_status=pb.present)
    assert await counted(admin) == {"never_connected": (2, 1), "on_time": (1, 1)}


async def test_a_decision_without_a_suggestion_does_not_count(admin: Client, tutor: Client, platform: Platform) -> None:
    await tutor.mark(platform.add_session(), tutor_attendance_status=pb.present)
    assert await counted(admin) == {}


async def test_notes_alone_do_not_count(admin: Client, tutor: Client, lesson: int) -> None:
    await tutor.mark(lesson, use_suggestion=True)
    await tutor.mark(lesson, attendance_notes="Bus")
    assert await counted(admin) == {"never_connected": (1, 1), "on_time": (1, 1)}


async def test_months_are_in_the_session_time_zone_newest_first(
    admin: Client, tutor: Client, platform: Platform, lesson: int
) -> None:
    for _ in range(2):
        await tutor.mark(lesson, student_attendance_status=pb.absent)
    date_decisions(platform, "2026-03-31 20:59Z", "2026-03-31 21:00Z")
    assert [row.month for row in (await admin.report(GET)).agreements] == ["2026-04", "2026-03"]


async def test_only_sessions_of_the_days_count_both_ends_included(
    admin: Client, tutor: Client, platform: Platform, lesson: int
) -> None:
    for _ in range(4):
        await tutor.mark(lesson, student_attendance_status=pb.absent)
    date_decisions(platform, "2026-03-01 20:59Z", "2026-03-01 21:00Z", "2026-03-02 20:59Z", "2026-03-02 21:00Z")
    found = await counted(admin, date_from="2026-03-02", date_to="2026-03-02")
    assert found == {"never_connected": (2, 2)}


@pytest.mark.parametrize(("user", "role"), [(TUTOR, "tutor"), (STUDENT, "student"), (PARENT, "parent")])
@pytest.mark.parametrize("method", [GET, EXPORT])
async def test_the_report_is_only_for_admins(channel: aio.Channel, user: int, role: str, method: str) -> None:
    refused = await refusal(Client(channel, user, role).report(method))
    assert refused == (StatusCode.PERMISSION_DENIED, "NOT_YOUR_REPORT")


async def test_an_invalid_day_is_refused(admin: Client) -> None:
    assert await refusal(admin.report(GET, date_to="soon")) == (StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")


async def test_the_csv_has_the_same_values(admin: Client, parent: Client, platform: Platform, lesson: int) -> None:
    await parent.mark(lesson, student_attendance_status=pb.absent)
    date_decisions(platform, "2026-03-02 08:10Z")
    assert await admin.exported(EXPORT) == [
        {"month": "2026-03", "confidence": "high", "reason": "never_connected", "decided": "1", "agreed": "1"}
    ]


async def test_each_student_of_a_class_counts(
    admin: Client, tutor: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    session_id, whiteboard = platform.add_lesson(enrolled_courses_id=CLASS)
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), one=(STUDENT, [there(0, 60)]), two=(CLASSMATE, []))
    absent = pb.StudentMark(user_id=STUDENT, status=pb.absent)
    await tutor.mark(session_id, use_suggestion=True, students=[absent])
    assert await counted(admin) == {"on_time": (2, 1), "never_connected": (1, 1)}
