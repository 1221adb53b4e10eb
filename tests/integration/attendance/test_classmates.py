"""What students and parents see of a class: their own facts, and the record of the class (ADR 11)."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from google.protobuf.json_format import MessageToDict
from grpc import StatusCode, aio

from astegni.attendance.v1 import attendance_pb2 as pb
from testkit.grpc_errors import refusal
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import (
    ADMIN,
    CLASS,
    CLASSMATE,
    OTHER_PARENT,
    OTHER_STUDENT,
    PARENT,
    STUDENT,
    TUTOR,
    Platform,
)
from tests.integration.attendance.tracking_stand_in import TrackingStandIn, there

#: Who sees whom in a class of all three. PARENT is the parent of two of them.
LIMITED = [
    (STUDENT, "student", [STUDENT]),
    (PARENT, "parent", [CLASSMATE, STUDENT]),
    (OTHER_PARENT, "parent", [OTHER_STUDENT]),
]
UNLIMITED = [(TUTOR, "tutor"), (ADMIN, "admin")]
NAMES = {STUDENT: "Sara Tesfaye", CLASSMATE: "Dawit Haile", OTHER_STUDENT: "Other Student"}
TELLING_OF_OTHERS = {
    "student_metrics",
    "student_reasons",
    "student_intervals",
    "student_activity",
    "etag",
    "lesson_outcome",
}


@pytest.fixture
def lesson(platform: Platform, tracking: TrackingStandIn) -> int:
    """Return a lesson of a class of three, who came at different times."""
    platform.run("UPDATE enrolled_courses SET students_id = '{22,21,23}' WHERE id = %s", CLASS)
    session_id, whiteboard = platform.add_lesson(enrolled_courses_id=CLASS)
    tracking.knows(
        whiteboard,
        tutor=(TUTOR, [there(0, 60)]),
        one=(CLASSMATE, [there(0, 60)]),
        two=(STUDENT, [there(10, 60)]),
        three=(OTHER_STUDENT, []),
    )
    for participant in tracking.participants[whiteboard]:
        participant.interactions_per_minute.append(1)
    return session_id


@pytest.mark.parametrize(("user", "role", "shown"), LIMITED)
async def test_students_and_parents_see_suggestions_only_about_their_own(
    channel: aio.Channel, lesson: int, user: int, role: str, shown: Sequence[int]
) -> None:
    suggestion = await Client(channel, user, role).suggestion(lesson)
    assert [(student.user_id, student.name) for student in suggestion.students] == [(it, NAMES[it]) for it in shown]
    assert not suggestion.HasField("student_metrics")
    assert (list(suggestion.student_reasons), list(suggestion.student_intervals), suggestion.etag) == ([], [], "")
    assert list(suggestion.student_activity) == []
    assert not suggestion.HasField("lesson_outcome")


async def test_students_see_the_outcome_for_themselves(student: Client, lesson: int) -> None:
    [own] = (await student.suggestion(lesson)).students
    assert (own.lesson_outcome.outcome, own.lesson_outcome.overlap_minutes) == (pb.held, 50)


async def test_everyone_sees_the_suggestion_for_the_class_and_the_tutor(
    tutor: Client, student: Client, lesson: int
) -> None:
    whole, seen = await tutor.suggestion(lesson), await student.suggestion(lesson)
    for field in ("students", *TELLING_OF_OTHERS):
        whole.ClearField(field)  # type: ignore[arg-type]
        seen.ClearField(field)  # type: ignore[arg-type]
    assert seen == whole
    assert (seen.student_status_suggestion, len(seen.tutor_intervals)) == (pb.present, 1)


async def test_a_late_student_sees_when_they_came(student: Client, lesson: int) -> None:
    [own] = (await student.suggestion(lesson)).students
    assert (own.status_suggestion, own.metrics.lateness_minutes, len(own.intervals)) == (pb.late, 10, 1)


@pytest.mark.parametrize(("user", "role"), UNLIMITED)
async def test_tutors_and_admins_see_everything(channel: aio.Channel, lesson: int, user: int, role: str) -> None:
    suggestion = await Client(channel, user, role).suggestion(lesson)
    assert len(suggestion.students) == 3
    assert suggestion.student_metrics.active_minutes == 60
    assert len(suggestion.student_intervals) == 1


async def test_a_parent_of_the_whole_class_sees_everything_about_it(
    channel: aio.Channel, platform: Platform, lesson: int
) -> None:
    platform.run("UPDATE student_profiles SET parent_id = '{31}'")
    suggestion = await Client(channel, PARENT, "parent").suggestion(lesson)
    assert len(suggestion.students) == 3
    assert suggestion.HasField("student_metrics")


@pytest.mark.parametrize(("user", "role", "shown"), LIMITED)
async def test_history_shows_evidence_only_about_their_own(
    channel: aio.Channel, lesson: int, user: int, role: str, shown: Sequence[int]
) -> None:
    await Client(channel, TUTOR, "tutor").mark(lesson, use_suggestion=True)
    [decision] = (await Client(channel, user, role).history(lesson)).decisions
    evidence = MessageToDict(decision.evidence)
    assert [student["user_id"] for student in evidence["students"]] == shown
    assert TELLING_OF_OTHERS.isdisjoint(evidence)
    assert (evidence["student_status_suggestion"], decision.student_status_after) == ("present", "present")


@pytest.mark.parametrize(("user", "role"), UNLIMITED)
async def test_history_shows_all_evidence_to_tutors_and_admins(
    channel: aio.Channel, tutor: Client, lesson: int, user: int, role: str
) -> None:
    await tutor.mark(lesson, use_suggestion=True)
    [decision] = (await Client(channel, user, role).history(lesson)).decisions
    evidence = MessageToDict(decision.evidence)
    assert len(evidence["students"]) == 3
    # Activity by minute is never evidence.
    assert evidence.keys() >= TELLING_OF_OTHERS - {"student_activity"}


@pytest.mark.parametrize(
    ("user", "role", "shown"),
    [*LIMITED, *((user, role, [CLASSMATE, STUDENT, OTHER_STUDENT]) for user, role in UNLIMITED)],
)
async def test_a_card_names_only_their_own(
    channel: aio.Channel, lesson: int, user: int, role: str, shown: Sequence[int]
) -> None:
    client = Client(channel, user, role)
    [listed] = (await client.sessions()).sessions
    card = await client.session(lesson)
    assert [(student.user_id, student.name) for student in card.students] == [(it, NAMES[it]) for it in shown]
    assert card.student_name == listed.student_name == ", ".join(NAMES[it] for it in shown)
    assert card.students == listed.students


async def test_a_card_has_the_ids_for_a_student_s_report(parent: Client, lesson: int) -> None:
    for student in (await parent.session(lesson)).students:
        report = await parent.report("GetStudentAttendanceReport", student_id=student.student_id)
        assert report.student_name == student.name


async def test_a_child_without_a_user_is_named_and_no_classmate(
    parent: Client, platform: Platform, lesson: int
) -> None:
    platform.run("UPDATE student_profiles SET user_id = NULL WHERE id IN (22, 23)")
    card = await parent.session(lesson)
    assert [student.student_id for student in card.students] == [22, 21]
    assert not card.students[0].HasField("user_id")


async def test_a_student_who_learns_alone_sees_everything(
    student: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    session_id, whiteboard = platform.add_lesson()
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), student=(STUDENT, [there(10, 60)]))
    suggestion = await student.suggestion(session_id)
    assert suggestion.student_metrics == suggestion.students[0].metrics
    assert len(suggestion.student_intervals) == 1


async def test_a_parent_s_report_is_in_their_child_s_history(
    parent: Client, student: Client, platform: Platform
) -> None:
    session_id = platform.add_session()
    marked = await parent.mark(session_id, student_attendance_status=pb.absent, attendance_notes="Fever")
    assert marked.attendance_source == pb.parent_reported
    for client in (parent, student):
        [decision] = (await client.history(session_id)).decisions
        assert (decision.source, decision.student_status_after, decision.notes) == (
            pb.parent_reported,
            "absent",
            "Fever",
        )


async def test_a_parent_reports_no_classmate(parent: Client, lesson: int) -> None:
    call = parent.mark(lesson, students=[pb.StudentMark(user_id=OTHER_STUDENT, status=pb.absent)])
    assert await refusal(call) == (StatusCode.INVALID_ARGUMENT, "NOT_ON_ROSTER")


async def test_what_is_recorded_about_a_classmate_is_seen_by_nobody_else(
    channel: aio.Channel, tutor: Client, lesson: int
) -> None:
    marks = [
        pb.StudentMark(user_id=OTHER_STUDENT, status=pb.absent, note="Suspended"),
        pb.StudentMark(user_id=STUDENT, status=pb.late),
    ]
    await tutor.mark(lesson, students=marks[:1])
    await tutor.mark(lesson, students=marks[1:])
    classmate, other = Client(channel, STUDENT, "student"), Client(channel, OTHER_PARENT, "parent")
    assert "Suspended" not in str(await classmate.session(lesson))
    assert len((await classmate.history(lesson)).decisions) == len((await other.history(lesson)).decisions) == 1
    assert await classmate.session_ids(attendance_filter="absent") == []
    assert await other.session_ids(attendance_filter="absent") == [lesson]
    etag = (await classmate.session(lesson)).attendance_etag
    await tutor.mark(lesson, students=marks[:1])
    assert (await classmate.session(lesson)).attendance_etag == etag
