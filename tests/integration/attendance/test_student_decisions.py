"""Decisions per student: a class in which each has a status of their own (docs/decisions.md#each-student)."""

from __future__ import annotations

import pytest
from grpc import StatusCode, aio

from astegni.attendance.v1 import attendance_pb2 as pb
from testkit.grpc_errors import refusal
from tests.integration.attendance.classes import DAWIT, OTHER, SARA, mark, statuses
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import (
    ADMIN,
    CLASS,
    CLASSMATE,
    OTHER_PARENT,
    OTHER_STUDENT,
    PARENT,
    STATUSES,
    STUDENT,
    TUTOR,
    Platform,
)
from tests.integration.attendance.tracking_stand_in import TrackingStandIn, there

INVALID = (StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")


async def test_each_student_has_a_status_and_a_note_of_their_own(
    tutor: Client, platform: Platform, class_: int
) -> None:
    marks = [mark(DAWIT, pb.present), mark(SARA, pb.late, note="Bus"), mark(OTHER, pb.absent)]
    answer = await tutor.mark(class_, tutor_attendance_status=pb.present, students=marks, attendance_notes="A test")
    assert [(it.student_id, it.attendance_status, it.note) for it in answer.students] == [
        (DAWIT, "present", ""),
        (SARA, "late", "Bus"),
        (OTHER, "absent", ""),
    ]
    card = await tutor.session(class_)
    assert list(card.students) == list(answer.students)
    assert (card.students[1].attendance_marked_by, card.undecided_students) == (TUTOR, 0)
    # The documented columns say that somebody was there.
    assert platform.stored(class_, *STATUSES, "attendance_notes") == ("present", "present", "manual", "A test")


async def test_a_student_is_named_by_either_id(tutor: Client, class_: int) -> None:
    await tutor.mark(class_, students=[pb.StudentMark(user_id=STUDENT, status=pb.late)])
    assert (await statuses(tutor, class_))[SARA] == ("late", "manual")


async def test_the_others_stay_as_they_are(tutor: Client, platform: Platform, class_: int) -> None:
    await tutor.mark(class_, students=[mark(SARA, pb.late)])
    assert await statuses(tutor, class_) == {
        DAWIT: ("", "system_default"),
        SARA: ("late", "manual"),
        OTHER: ("", "system_default"),
    }
    assert (await tutor.session(class_)).undecided_students == 2
    assert platform.stored(class_, *STATUSES) == ("present", "late", "manual")
    await tutor.mark(class_, students=[mark(OTHER, pb.absent)])
    assert platform.stored(class_, "student_attendance_status") == ("late",)
    await tutor.mark(class_, students=[mark(SARA, pb.absent)])
    assert platform.stored(class_, "student_attendance_status") == ("absent",)


async def test_the_documented_body_decides_on_every_student(tutor: Client, class_: int) -> None:
    await tutor.mark(class_, student_attendance_status=pb.present)
    assert set((await statuses(tutor, class_)).values()) == {("present", "manual")}


async def test_what_is_said_about_one_student_goes_before_what_is_said_about_the_class(
    tutor: Client, class_: int
) -> None:
    await tutor.mark(class_, student_attendance_status=pb.present, students=[mark(OTHER, pb.absent)])
    assert await statuses(tutor, class_) == {
        DAWIT: ("present", "manual"),
        SARA: ("present", "manual"),
        OTHER: ("absent", "manual"),
    }


async def test_accepting_the_suggestion_gives_each_student_their_own_status(tutor: Client, class_: int) -> None:
    await tutor.mark(class_, use_suggestion=True)
    assert await statuses(tutor, class_) == {
        DAWIT: ("present", "whiteboard_auto"),
        SARA: ("late", "whiteboard_auto"),
        OTHER: ("absent", "whiteboard_auto"),
    }


async def test_the_suggestion_is_accepted_for_some_and_overruled_for_others(
    tutor: Client, platform: Platform, class_: int
) -> None:
    await tutor.mark(class_, students=[mark(SARA, use_suggestion=True), mark(OTHER, pb.present)])
    assert await statuses(tutor, class_) == {
        DAWIT: ("", "system_default"),
        SARA: ("late", "whiteboard_auto"),
        OTHER: ("present", "manual"),
    }
    assert platform.decisions(class_, "source") == [("manual",)]
    await tutor.mark(class_, use_suggestion=True, students=[mark(OTHER, pb.present)])
    assert await statuses(tutor, class_) == {
        DAWIT: ("present", "whiteboard_auto"),
        SARA: ("late", "whiteboard_auto"),
        OTHER: ("present", "manual"),
    }


async def test_a_suggestion_for_one_student_is_checked_by_its_etag(
    tutor: Client, platform: Platform, tracking: TrackingStandIn, class_: int
) -> None:
    etag = (await tutor.suggestion(class_)).etag
    [whiteboard] = platform.stored(class_, "whiteboard_id")
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), two=(STUDENT, [there(0, 60)]))
    call = tutor.mark(class_, students=[mark(SARA, use_suggestion=True)], etag=etag)
    assert await refusal(call) == (StatusCode.ABORTED, "SUGGESTION_CHANGED")


async def test_students_of_a_suggestion_have_the_id_by_which_they_are_marked(tutor: Client, class_: int) -> None:
    students = (await tutor.suggestion(class_)).students
    assert [(it.student_id, it.user_id) for it in students] == [
        (DAWIT, CLASSMATE),
        (SARA, STUDENT),
        (OTHER, OTHER_STUDENT),
    ]


@pytest.mark.parametrize(
    "marks",
    [
        [mark(4711, pb.late)],
        [pb.StudentMark(user_id=4711, status=pb.late)],
        [pb.StudentMark(student_id=SARA, user_id=CLASSMATE, status=pb.late)],
        [mark(SARA, pb.late), pb.StudentMark(user_id=STUDENT, status=pb.absent)],
    ],
    ids=["no such profile", "no such user", "two students at once", "twice"],
)
async def test_a_student_has_to_belong_to_the_session_and_is_named_once(
    tutor: Client, platform: Platform, class_: int, marks: list[pb.StudentMark]
) -> None:
    assert await refusal(tutor.mark(class_, students=marks)) == (StatusCode.INVALID_ARGUMENT, "NOT_ON_ROSTER")
    assert platform.decisions(class_, "id") == []


@pytest.mark.parametrize(
    "student",
    [
        pb.StudentMark(status=pb.late),
        pb.StudentMark(student_id=SARA),
        pb.StudentMark(student_id=0, status=pb.late),
        pb.StudentMark(student_id=SARA, status=pb.late, use_suggestion=True),
        pb.StudentMark(student_id=SARA, status=pb.late, note="x" * 2001),
        pb.StudentMark(student_id=SARA, status=pb.absent, excuse_reason="Fever"),
    ],
)
async def test_an_invalid_mark_of_a_student_is_refused(tutor: Client, class_: int, student: pb.StudentMark) -> None:
    assert await refusal(tutor.mark(class_, students=[student])) == INVALID


async def test_a_note_alone_needs_a_student_who_is_marked(tutor: Client, class_: int) -> None:
    await tutor.mark(class_, students=[mark(SARA, pb.late)])
    call = tutor.mark(class_, students=[mark(DAWIT, note="Quiet")])
    assert await refusal(call) == (StatusCode.FAILED_PRECONDITION, "NOTES_WITHOUT_DECISION")
    await tutor.mark(class_, students=[mark(SARA, note="Bus")])
    [sara] = [it for it in (await tutor.session(class_)).students if it.student_id == SARA]
    assert (sara.attendance_status, sara.note, sara.attendance_source) == ("late", "Bus", "manual")


async def test_a_class_with_undecided_students_is_unmarked_and_marked(tutor: Client, class_: int) -> None:
    assert await tutor.session_ids(attendance_filter="unmarked") == [class_]
    await tutor.mark(class_, tutor_attendance_status=pb.present, students=[mark(SARA, pb.late)])
    for word in ("unmarked", "marked", "late", "present"):
        assert await tutor.session_ids(attendance_filter=word) == [class_], word
    assert await tutor.session_ids(attendance_filter="absent") == []
    await tutor.mark(class_, students=[mark(DAWIT, pb.present), mark(OTHER, pb.absent)])
    assert await tutor.session_ids(attendance_filter="unmarked") == []
    assert await tutor.session_ids(attendance_filter="absent") == [class_]


async def test_who_joins_later_inherits_no_status(tutor: Client, platform: Platform, class_: int) -> None:
    platform.run("UPDATE enrolled_courses SET students_id = '{22,21}' WHERE id = %s", CLASS)
    await tutor.mark(class_, student_attendance_status=pb.present)
    platform.run("UPDATE enrolled_courses SET students_id = '{22,21,23}' WHERE id = %s", CLASS)
    assert (await statuses(tutor, class_))[OTHER] == ("", "system_default")
    assert (await tutor.session(class_)).undecided_students == 1


async def test_who_is_left_of_a_class_keeps_their_own_status(tutor: Client, platform: Platform, class_: int) -> None:
    await tutor.mark(class_, students=[mark(DAWIT, pb.present), mark(SARA, pb.absent)])
    platform.run("UPDATE enrolled_courses SET students_id = '{21}' WHERE id = %s", CLASS)
    assert await statuses(tutor, class_) == {SARA: ("absent", "manual")}
    assert await tutor.session_ids(attendance_filter="absent") == [class_]
    assert await tutor.session_ids(attendance_filter="present") == []


async def test_who_replaces_the_only_student_is_undecided(tutor: Client, platform: Platform, lesson: int) -> None:
    await tutor.mark(lesson, student_attendance_status=pb.absent, attendance_notes="x")
    platform.run("UPDATE enrolled_courses SET students_id = '{22}' WHERE id = 1")
    assert await statuses(tutor, lesson) == {DAWIT: ("", "system_default")}
    await tutor.mark(lesson, student_attendance_status=pb.late)
    assert await statuses(tutor, lesson) == {DAWIT: ("late", "manual")}


async def test_a_class_that_was_marked_before_the_ledger_is_marked_for_each_student(
    tutor: Client, platform: Platform
) -> None:
    session_id = platform.add_session(
        enrolled_courses_id=CLASS, attendance_source="manual", student_attendance_status="late"
    )
    assert await statuses(tutor, session_id) == {DAWIT: ("late", "manual"), SARA: ("late", "manual")}
    await tutor.mark(session_id, students=[mark(SARA, pb.absent)])
    assert await statuses(tutor, session_id) == {DAWIT: ("late", "manual"), SARA: ("absent", "manual")}
    assert platform.stored(session_id, "student_attendance_status") == ("late",)


async def test_with_one_student_another_program_may_write_the_documented_column(
    tutor: Client, platform: Platform, lesson: int
) -> None:
    await tutor.mark(lesson, student_attendance_status=pb.absent)
    platform.run("UPDATE sessions SET student_attendance_status = 'late' WHERE id = %s", lesson)
    assert await statuses(tutor, lesson) == {SARA: ("late", "manual")}


async def test_without_an_enrolment_the_students_are_the_whiteboard_s(tutor: Client, platform: Platform) -> None:
    whiteboard = platform.add_whiteboard(student_id=[OTHER_STUDENT, STUDENT, 4711])
    session_id = platform.add_session(enrolled_courses_id=None, whiteboard_id=whiteboard)
    await tutor.mark(session_id, students=[mark(SARA, pb.late), mark(OTHER, pb.absent)])
    assert await statuses(tutor, session_id) == {OTHER: ("absent", "manual"), SARA: ("late", "manual")}
    platform.run("UPDATE whiteboard_sessions SET student_id = '{}'")
    await tutor.mark(session_id, student_attendance_status=pb.present)
    assert platform.stored(session_id, "student_attendance_status") == ("present",)


async def test_a_parent_reports_one_child_of_a_class(
    channel: aio.Channel, tutor: Client, platform: Platform, class_: int
) -> None:
    parent = Client(channel, OTHER_PARENT, "parent")
    await tutor.mark(class_, students=[mark(SARA, pb.present)], attendance_notes="A test")
    answer = await parent.mark(class_, student_attendance_status=pb.absent, attendance_notes="Fever")
    [child] = answer.students
    assert (child.student_id, child.attendance_status, child.note) == (OTHER, "absent", "Fever")
    assert (await statuses(tutor, class_))[SARA] == ("present", "manual")
    assert (await statuses(tutor, class_))[DAWIT] == ("", "system_default")
    assert platform.stored(class_, *STATUSES[1:], "attendance_notes") == ("present", "parent_reported", "A test")


async def test_a_parent_of_two_children_reports_both_or_one(parent: Client, tutor: Client, class_: int) -> None:
    await parent.mark(class_, student_attendance_status=pb.absent)
    await parent.mark(class_, students=[mark(SARA, pb.late, note="Power cut")])
    assert await statuses(tutor, class_) == {
        DAWIT: ("absent", "parent_reported"),
        SARA: ("late", "parent_reported"),
        OTHER: ("", "system_default"),
    }


async def test_a_parent_s_note_stands_below_the_tutor_s_on_the_same_child(
    tutor: Client, parent: Client, class_: int
) -> None:
    await tutor.mark(class_, students=[mark(SARA, pb.absent, note="Did not answer")])
    for note in ("Power cut", "Power cut until 10:20"):
        await parent.mark(class_, students=[mark(SARA, pb.late, note=note)])
    [sara] = [it for it in (await parent.session(class_)).students if it.student_id == SARA]
    assert sara.note == "Did not answer\nParent: Power cut until 10:20"
    await parent.mark(class_, students=[mark(SARA, pb.late, note="")])
    [sara] = [it for it in (await parent.session(class_)).students if it.student_id == SARA]
    assert sara.note == "Did not answer"


@pytest.mark.parametrize(
    "student", [mark(SARA, use_suggestion=True), mark(SARA, note="Fever")], ids=["a suggestion", "a note alone"]
)
async def test_a_parent_reports_statuses_and_nothing_else(parent: Client, class_: int, student: pb.StudentMark) -> None:
    call = parent.mark(class_, students=[student])
    assert await refusal(call) == (StatusCode.PERMISSION_DENIED, "PARENTS_REPORT_THEIR_CHILD")


async def test_nobody_but_an_admin_changes_what_an_admin_decided_on_a_student(
    admin: Client, tutor: Client, parent: Client, class_: int
) -> None:
    await admin.mark(class_, students=[mark(SARA, pb.late, note="Checked")])
    refused = (StatusCode.PERMISSION_DENIED, "ADMIN_DECIDED")
    for call in (
        tutor.mark(class_, students=[mark(SARA, pb.present)]),
        tutor.mark(class_, students=[mark(SARA, note="Bus")]),
        tutor.mark(class_, student_attendance_status=pb.present),
        parent.mark(class_, students=[mark(SARA, pb.present)]),
    ):
        assert await refusal(call) == refused
    await tutor.mark(class_, students=[mark(DAWIT, pb.present), mark(OTHER, pb.absent)])
    assert await statuses(tutor, class_) == {
        DAWIT: ("present", "manual"),
        SARA: ("late", "admin_override"),
        OTHER: ("absent", "manual"),
    }


async def test_a_substitute_marks_students_and_accepts_what_is_suggested_about_them(
    channel: aio.Channel, platform: Platform, class_: int
) -> None:
    platform.run("UPDATE whiteboard_sessions SET tutor_id = 102")
    substitute = Client(channel, 102, "tutor")
    await substitute.mark(class_, students=[mark(SARA, use_suggestion=True), mark(DAWIT, pb.present)])
    assert (await statuses(substitute, class_))[SARA] == ("late", "whiteboard_auto")


async def test_a_class_that_is_moved_is_undecided_for_each_student_who_was_decided_on_before(
    tutor: Client, parent: Client, platform: Platform, class_: int
) -> None:
    await tutor.mark(class_, student_attendance_status=pb.present)
    platform.rewrite_decisions("decided_at = '2026-03-05 12:00Z'")
    platform.run(
        "UPDATE sessions SET attendance_marked_at = '2026-03-05 12:00Z', session_date = '2026-03-10' WHERE id = %s",
        class_,
    )
    assert set((await statuses(tutor, class_)).values()) == {("", "system_default")}
    await parent.mark(class_, students=[mark(SARA, pb.absent)])
    assert await statuses(tutor, class_) == {
        DAWIT: ("", "system_default"),
        SARA: ("absent", "parent_reported"),
        OTHER: ("", "system_default"),
    }
    assert platform.stored(class_, "student_attendance_status") == ("absent",)


async def test_the_history_says_what_was_decided_on_each_student(
    tutor: Client, admin: Client, student: Client, class_: int
) -> None:
    await tutor.mark(class_, students=[mark(SARA, pb.late, note="Bus"), mark(OTHER, pb.absent)])
    await admin.mark(class_, students=[mark(SARA, pb.present)])
    newest, oldest = (await tutor.history(class_)).decisions
    assert list(newest.students) == [
        pb.StudentDecision(
            student_id=SARA,
            user_id=STUDENT,
            name="Sara Tesfaye",
            status_before="late",
            status_after="present",
            source="admin_override",
            source_before="manual",
        )
    ]
    assert [(it.student_id, it.status_after, it.note) for it in oldest.students] == [
        (SARA, "late", "Bus"),
        (OTHER, "absent", ""),
    ]
    assert (oldest.student_status_after, newest.student_status_before) == ("late", "late")
    seen = (await student.history(class_)).decisions
    assert [[it.student_id for it in decision.students] for decision in seen] == [[SARA], [SARA]]


async def test_students_and_parents_get_no_decision_about_others_alone(
    tutor: Client, student: Client, parent: Client, channel: aio.Channel, class_: int
) -> None:
    await tutor.mark(class_, students=[mark(OTHER, pb.absent)])
    assert list((await student.history(class_)).decisions) == []
    assert list((await parent.history(class_)).decisions) == []
    assert len((await Client(channel, OTHER_PARENT, "parent").history(class_)).decisions) == 1
    assert len((await Client(channel, ADMIN, "admin").history(class_)).decisions) == 1
    await tutor.mark(class_, tutor_attendance_status=pb.present)
    assert len((await Client(channel, PARENT, "parent").history(class_)).decisions) == 1


async def test_the_ledger_keeps_what_was_suggested_about_each_student(
    tutor: Client, platform: Platform, class_: int
) -> None:
    await tutor.mark(class_, students=[mark(SARA, pb.absent), mark(DAWIT, pb.present)])
    rows = platform.rows(
        "SELECT student_id, suggested, confidence, reason FROM attendance_student_decisions ORDER BY student_id"
    )
    assert [row[:2] for row in rows] == [(SARA, "late"), (DAWIT, "present")]
    assert rows[1][2:] == ("high", "on_time")


@pytest.mark.parametrize("members", ["{22,21,23}", "{21}"], ids=["class", "alone"])
async def test_an_etag_covers_each_student(
    tutor: Client, parent: Client, platform: Platform, class_: int, members: str
) -> None:
    platform.run("UPDATE enrolled_courses SET students_id = %s WHERE id = %s", members, CLASS)
    for client in (tutor, parent):
        etag = (await client.session(class_)).attendance_etag
        await tutor.mark(class_, students=[mark(SARA, pb.late)])
        call = client.mark(class_, students=[mark(SARA, pb.absent)], attendance_etag=etag)
        assert await refusal(call) == (StatusCode.ABORTED, "ATTENDANCE_CHANGED")
