from __future__ import annotations

from datetime import UTC, datetime

import pytest
from grpc import StatusCode, aio

from astegni.attendance.v1 import attendance_pb2 as pb
from testkit.grpc_errors import refusal
from tests.integration.attendance.client import Client
from tests.integration.attendance.own_service import OwnService
from tests.integration.attendance.platform import (
    CLASS,
    CLASSMATE,
    LESSONS,
    NAMELESS,
    OTHER_TUTOR,
    STUDENT,
    TUTOR,
    Platform,
)
from tests.integration.attendance.tracking_stand_in import END, START, TrackingStandIn, there


async def test_a_card_shows_an_unmarked_session(tutor: Client, platform: Platform) -> None:
    session_id, whiteboard = platform.add_lesson()
    card = await tutor.session(session_id)
    etag = card.attendance_etag
    card.ClearField("attendance_etag")
    expected = pb.Session(
        id=session_id,
        course_name="Mathematics, Physics",
        student_name="Sara Tesfaye",
        students=[pb.Student(student_id=21, user_id=STUDENT, name="Sara Tesfaye", attendance_source="system_default")],
        tutor_name="Abebe Kebede",
        tutor_user_id=TUTOR,
        session_date="2026-03-02",
        start_time="10:00:00",
        end_time="11:00:00",
        status="completed",
        whiteboard_id=whiteboard,
        tutor_attendance_status="present",
        student_attendance_status="present",
        attendance_source="system_default",
        tutor_attendance_source="system_default",
        student_attendance_source="system_default",
    )
    expected.scheduled_start.FromDatetime(START)
    expected.scheduled_end.FromDatetime(END)
    assert card == expected
    assert len(etag) == 32


async def test_a_card_shows_who_marked_and_when(tutor: Client, platform: Platform) -> None:
    session_id = platform.add_session()
    await tutor.mark(session_id, student_attendance_status=pb.late, attendance_notes="Bus")
    card = await tutor.session(session_id)
    assert (card.attendance_source, card.attendance_notes, card.attendance_marked_by) == ("manual", "Bus", TUTOR)
    assert card.attendance_marked_at.ToDatetime(tzinfo=UTC) > datetime(2026, 1, 1, tzinfo=UTC)


async def test_students_of_a_class_are_named_in_the_order_of_enrolment(tutor: Client, platform: Platform) -> None:
    card = await tutor.session(platform.add_session(enrolled_courses_id=CLASS))
    assert card.student_name == "Dawit Haile, Sara Tesfaye"


async def test_a_course_without_a_name_has_the_name_of_its_package(tutor: Client, platform: Platform) -> None:
    card = await tutor.session(platform.add_session(enrolled_courses_id=CLASS))
    assert card.course_name == "Exam package"


async def test_a_session_without_course_and_package_is_called_tutoring_session(
    tutor: Client, platform: Platform
) -> None:
    card = await tutor.session(platform.add_session(enrolled_courses_id=NAMELESS))
    assert (card.course_name, card.student_name) == ("Tutoring session", "")


async def test_the_tables_of_courses_and_packages_are_optional(own_service: OwnService) -> None:
    tutor, platform = own_service.client(TUTOR, "tutor"), own_service.platform
    platform.run("ALTER TABLE enrolled_courses DROP COLUMN package_id")
    platform.run("DROP TABLE courses, tutor_packages")
    assert (await tutor.session(platform.add_session())).course_name == "Tutoring session"


async def test_a_person_without_a_name_is_shown_by_their_user_name(tutor: Client, platform: Platform) -> None:
    platform.run("UPDATE users SET first_name = NULL, father_name = ' ' WHERE id IN (%s, %s)", TUTOR, STUDENT)
    card = await tutor.session(platform.add_session())
    assert (card.tutor_name, card.student_name) == ("abebe", "sara")


async def test_old_words_are_shown_unchanged_and_missing_ones_are_unset(tutor: Client, platform: Platform) -> None:
    session_id = platform.add_session(tutor_attendance_status="attended", student_attendance_status=None)
    card = await tutor.session(session_id)
    assert card.tutor_attendance_status == "attended"
    assert not card.HasField("student_attendance_status")


async def test_a_session_without_day_and_times_is_shown(tutor: Client, platform: Platform) -> None:
    session_id = platform.add_session(session_date=None, start_time=None, end_time=None, status=None)
    [card] = (await tutor.sessions()).sessions
    assert (card.id, card.session_date, card.start_time, card.status) == (session_id, "", "", "")
    assert not card.HasField("scheduled_start")


async def test_a_session_without_a_source_is_not_marked(tutor: Client, platform: Platform) -> None:
    card = await tutor.session(platform.add_session(attendance_source=None))
    assert card.attendance_source == card.tutor_attendance_source == card.student_attendance_source == "system_default"


async def test_the_source_of_each_person_comes_from_the_decisions(
    tutor: Client, parent: Client, platform: Platform
) -> None:
    session_id = platform.add_session()
    await tutor.mark(session_id, tutor_attendance_status=pb.present)
    await parent.mark(session_id, student_attendance_status=pb.absent)
    card = await tutor.session(session_id)
    assert card.attendance_source == "parent_reported"
    assert (card.tutor_attendance_source, card.student_attendance_source) == ("manual", "parent_reported")


async def test_a_person_without_a_decision_is_not_marked(parent: Client, platform: Platform) -> None:
    session_id = platform.add_session()
    await parent.mark(session_id, student_attendance_status=pb.absent)
    assert (await parent.session(session_id)).tutor_attendance_source == "system_default"


async def test_a_row_that_was_marked_before_decisions_were_kept_has_its_source_for_both(
    tutor: Client, platform: Platform
) -> None:
    card = await tutor.session(platform.add_session(attendance_source="manual"))
    assert (card.tutor_attendance_source, card.student_attendance_source) == ("manual", "manual")


async def test_a_decision_about_one_person_keeps_the_source_of_the_other(parent: Client, platform: Platform) -> None:
    session_id = platform.add_session(attendance_source="manual")
    await parent.mark(session_id, student_attendance_status=pb.absent)
    card = await parent.session(session_id)
    assert (card.tutor_attendance_source, card.student_attendance_source) == ("manual", "parent_reported")


async def test_a_card_says_if_facts_changed_since_the_decision(
    tutor: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    session_id, whiteboard = platform.add_lesson()
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), student=(STUDENT, []))
    await tutor.mark(session_id, use_suggestion=True)
    assert not (await tutor.session(session_id)).facts_changed_since_decision
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), student=(STUDENT, [there(0, 60)]))
    card = await tutor.session(session_id)
    assert card.facts_changed_since_decision
    assert card.student_attendance_status == "absent"


async def test_in_a_class_a_card_says_so_about_each_student_whom_the_caller_sees(
    tutor: Client, student: Client, parent: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    session_id, whiteboard = platform.add_lesson(enrolled_courses_id=CLASS)
    here = [there(0, 60)]
    tracking.knows(whiteboard, tutor=(TUTOR, here), one=(STUDENT, here), two=(CLASSMATE, []))
    await tutor.mark(session_id, use_suggestion=True)
    clients = (tutor, parent, student)
    assert not any([(await it.session(session_id)).facts_changed_since_decision for it in clients])
    # The class is as present as before.
    tracking.knows(whiteboard, tutor=(TUTOR, here), one=(STUDENT, here), two=(CLASSMATE, here))
    changed = [(await it.session(session_id)).facts_changed_since_decision for it in clients]
    assert changed == [True, True, False]
    await tutor.mark(session_id, students=[pb.StudentMark(user_id=CLASSMATE, status=pb.late)])
    assert not (await tutor.session(session_id)).facts_changed_since_decision


async def test_whether_facts_changed_is_unset_while_tracking_is_unavailable(
    tutor: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    session_id, whiteboard = platform.add_lesson()
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), student=(STUDENT, []))
    await tutor.mark(session_id, use_suggestion=True)
    tracking.failures = [StatusCode.INTERNAL]
    assert not (await tutor.session(session_id)).HasField("facts_changed_since_decision")


async def test_facts_are_not_read_for_a_card_without_a_decision(
    tutor: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    session_id, _ = platform.add_lesson()
    assert not (await tutor.session(session_id)).HasField("facts_changed_since_decision")
    assert tracking.requests == []


async def test_sessions_are_listed_newest_first(tutor: Client, platform: Platform) -> None:
    older = platform.add_session(session_date="2026-02-01", start_time="09:00")
    later = platform.add_session(session_date="2026-02-01", start_time="14:00", end_time="15:00")
    newest = platform.add_session(session_date="2026-02-02", start_time="08:00")
    undated = platform.add_session(session_date=None)
    assert await tutor.session_ids() == [newest, later, older, undated]


async def test_pages_follow_each_other_without_gap_or_repetition(tutor: Client, platform: Platform) -> None:
    for day in ("2026-02-01", "2026-02-01", "2026-02-01", "2026-02-02", None, None, "2026-02-03"):
        platform.add_session(session_date=day)
    pages = await tutor.pages("ListSessions", page_size=2)
    assert max(len(page.sessions) for page in pages) == 2
    listed = [session.id for page in pages for session in page.sessions]
    assert listed == await tutor.session_ids()
    assert len(set(listed)) == 7


async def test_a_page_with_all_rows_has_no_next_page(tutor: Client, platform: Platform) -> None:
    platform.add_session()
    assert (await tutor.sessions(page_size=1)).next_page_token == ""


async def test_a_page_token_is_refused_with_other_filters_and_from_other_callers(
    tutor: Client, student: Client, platform: Platform
) -> None:
    for _ in range(2):
        platform.add_session()
    token = (await tutor.sessions(page_size=1)).next_page_token
    for call in (
        tutor.sessions(page_token=token, status_filter="missed"),
        student.sessions(page_token=token),
        tutor.sessions(page_token="x"),  # noqa: S106 - no password
    ):
        assert await refusal(call) == (StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")


async def test_both_spellings_of_in_progress_are_found_and_shown_as_one(tutor: Client, platform: Platform) -> None:
    platform.add_session(status="in-progress")
    platform.add_session(status="in_progress")
    platform.add_session(status="scheduled")
    found = (await tutor.sessions(status_filter="in-progress")).sessions
    assert [session.status for session in found] == ["in-progress", "in-progress"]


async def test_sessions_are_filtered_by_day_both_ends_included(tutor: Client, platform: Platform) -> None:
    days = {day: platform.add_session(session_date=day) for day in ("2026-02-01", "2026-02-02", "2026-02-03")}
    found = await tutor.session_ids(date_from="2026-02-01", date_to="2026-02-02")
    assert found == [days["2026-02-02"], days["2026-02-01"]]


@pytest.mark.parametrize(
    ("attendance_filter", "expected"),
    [
        ("unmarked", ["default", "no source"]),
        ("marked", ["old", "late"]),
        ("late", ["late"]),
        ("absent", ["old"]),
        # Present by default is not confirmed; the tutor of the late student is.
        ("present", ["old", "late"]),
    ],
)
async def test_sessions_are_filtered_by_confirmed_statuses(
    tutor: Client, platform: Platform, attendance_filter: str, expected: list[str]
) -> None:
    names = {
        platform.add_session(): "default",
        platform.add_session(attendance_source=None): "no source",
        platform.add_session(attendance_source="manual", student_attendance_status="absent"): "old",
    }
    marked = platform.add_session()
    names[marked] = "late"
    await tutor.mark(marked, tutor_attendance_status=pb.present, student_attendance_status=pb.late)
    found = await tutor.session_ids(attendance_filter=attendance_filter)
    assert [names[session_id] for session_id in sorted(found)] == expected


async def test_a_cancelled_session_does_not_wait_to_be_marked(tutor: Client, platform: Platform) -> None:
    for status in ("cancelled", " Cancelled"):
        platform.add_session(status=status)
    unknown = platform.add_session(status=None)
    assert await tutor.session_ids(attendance_filter="unmarked") == [unknown]


async def test_an_unmarked_session_whose_time_is_over_is_found_as_completed(tutor: Client, platform: Platform) -> None:
    over = [platform.add_session(status="in_progress"), platform.add_session(status="in-progress", end_time="09:00")]
    running = platform.add_session(status="in-progress", session_date="2099-01-01")
    assert sorted(await tutor.session_ids(attendance_filter="unmarked", status_filter="completed")) == over
    assert await tutor.session_ids(attendance_filter="unmarked", status_filter="in-progress") == [running]
    assert (await tutor.session(over[0])).status == "in-progress"
    assert await tutor.session_ids(status_filter="completed") == []


async def test_a_default_status_next_to_a_decided_one_is_not_confirmed(
    tutor: Client, parent: Client, platform: Platform
) -> None:
    session_id = platform.add_session(enrolled_courses_id=LESSONS)
    await parent.mark(session_id, student_attendance_status=pb.absent)
    assert await tutor.session_ids(attendance_filter="present") == []


async def test_people_find_the_session_of_a_whiteboard_that_is_theirs(
    tutor: Client, student: Client, channel: aio.Channel, platform: Platform
) -> None:
    session_id, whiteboard = platform.add_lesson()
    platform.add_lesson()
    for participant in (tutor, student):
        assert await participant.session_ids(whiteboard_id=whiteboard) == [session_id]
    assert await Client(channel, OTHER_TUTOR, "tutor").session_ids(whiteboard_id=whiteboard) == []


async def test_no_whiteboard_has_a_negative_number(tutor: Client) -> None:
    assert await refusal(tutor.session_ids(whiteboard_id=-1)) == (StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")
