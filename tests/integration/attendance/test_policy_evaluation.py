"""What other limits would have suggested for past decisions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from google.rpc import error_details_pb2
from grpc import StatusCode, aio

from astegni.attendance.v1 import attendance_pb2 as pb
from testkit.grpc_errors import details, refusal
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import (
    CLASS,
    CLASSMATE,
    OTHER_STUDENT,
    OTHER_TUTOR,
    OTHERS,
    STUDENT,
    TUTOR,
    Platform,
)
from tests.integration.attendance.tracking_stand_in import START, TrackingStandIn, there

METHOD = "EvaluatePolicy"
#: With these, ten minutes late is present.
LENIENT = pb.PolicyLimits(late_from_seconds=660)
#: courses.id: the lessons of these tests are in both, OTHERS only in the first.
MATHEMATICS, PHYSICS = 41, 42


class Lessons:
    """Lessons of a punctual tutor and a student who comes some minutes late."""

    def __init__(self, platform: Platform, tracking: TrackingStandIn) -> None:
        self._platform = platform
        self._tracking = tracking

    def add(self, late: float) -> int:
        session_id, whiteboard = self._platform.add_lesson()
        self.set(whiteboard, late)
        return session_id

    def set(self, whiteboard: int, late: float) -> None:
        self._tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), student=(STUDENT, [there(late, 60)]))


@pytest.fixture
def lessons(platform: Platform, tracking: TrackingStandIn) -> Lessons:
    return Lessons(platform, tracking)


async def evaluate(admin: Client, limits: pb.PolicyLimits = LENIENT, **fields: Any) -> pb.EvaluatePolicyResponse:  # noqa: ANN401
    response: pb.EvaluatePolicyResponse = await admin.report(METHOD, limits=limits, **fields)
    return response


async def accept(tutor: Client, *sessions: int) -> None:
    for session_id in sessions:
        await tutor.mark(session_id, use_suggestion=True)


async def test_an_evaluation_counts_suggestions_by_how_they_would_change(
    admin: Client, tutor: Client, lessons: Lessons
) -> None:
    await accept(tutor, lessons.add(late=10), lessons.add(late=9), lessons.add(late=12), lessons.add(late=0))
    evaluation = await evaluate(admin)
    assert (evaluation.decisions, evaluation.suggestions, evaluation.changed, evaluation.facts_changed) == (4, 8, 2, 0)
    assert list(evaluation.changes) == [
        pb.SuggestionChange(
            status_before=pb.late,
            confidence_before=pb.high,
            status_after=pb.present,
            confidence_after=pb.high,
            suggestions=2,
        )
    ]


async def test_every_suggestion_that_would_change_is_named_with_its_lesson(
    admin: Client, tutor: Client, platform: Platform, tracking: TrackingStandIn, lessons: Lessons
) -> None:
    late = lessons.add(late=10)
    await accept(tutor, lessons.add(late=0), late)
    class_, whiteboard = platform.add_lesson(enrolled_courses_id=CLASS)
    tracking.knows(
        whiteboard, tutor=(TUTOR, [there(10, 60)]), one=(STUDENT, [there(0, 60)]), two=(CLASSMATE, [there(9, 60)])
    )
    await tutor.mark(class_, students=[pb.StudentMark(user_id=STUDENT, status=pb.present)])
    named = [
        (it.session_id, it.session_date, it.role, it.name, it.status_before, it.status_after, it.decided)
        for it in (await evaluate(admin)).changed_suggestions
    ]
    # Newest decision first. On the tutor and the classmate nobody has decided.
    assert named == [
        (class_, "2026-03-02", "tutor", "Abebe Kebede", pb.late, pb.present, ""),
        (class_, "2026-03-02", "student", "Dawit Haile", pb.late, pb.present, ""),
        (late, "2026-03-02", "student", "Sara Tesfaye", pb.late, pb.present, "late"),
    ]


async def test_a_change_of_confidence_alone_is_a_change(admin: Client, tutor: Client, lessons: Lessons) -> None:
    await accept(tutor, lessons.add(late=10))
    [change] = (await evaluate(admin, pb.PolicyLimits(high_engagement_from_percent=90))).changes
    assert (change.status_before, change.confidence_before) == (pb.late, pb.high)
    assert (change.status_after, change.confidence_after) == (pb.late, pb.medium)


async def test_an_evaluation_counts_the_decisions_that_agree_with_either_judgement(
    admin: Client, tutor: Client, parent: Client, lessons: Lessons
) -> None:
    await accept(tutor, lessons.add(late=10))
    await tutor.mark(lessons.add(late=10), student_attendance_status=pb.present)
    await parent.mark(lessons.add(late=10), student_attendance_status=pb.present)
    evaluation = await evaluate(admin)
    assert (evaluation.decided, evaluation.agreed_before, evaluation.agreed_after) == (4, 2, 3)


async def test_each_student_of_a_class_counts(
    admin: Client, tutor: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    session_id, whiteboard = platform.add_lesson(enrolled_courses_id=CLASS)
    tracking.knows(
        whiteboard, tutor=(TUTOR, [there(0, 60)]), one=(STUDENT, [there(10, 60)]), two=(CLASSMATE, [there(0, 60)])
    )
    await tutor.mark(session_id, students=[pb.StudentMark(user_id=STUDENT, status=pb.present)])
    evaluation = await evaluate(admin)
    assert (evaluation.decisions, evaluation.suggestions, evaluation.changed) == (1, 3, 1)
    assert (evaluation.decided, evaluation.agreed_before, evaluation.agreed_after) == (1, 0, 1)


async def test_decisions_are_compared_with_the_limits_that_applied_to_them(
    admin: Client, tutor: Client, lessons: Lessons
) -> None:
    session_id = lessons.add(late=10)
    await admin.report("CreatePolicy", limits=LENIENT)
    await accept(tutor, session_id)
    assert (await evaluate(admin)).changed == 0
    assert (await evaluate(admin, pb.PolicyLimits())).changed == 1


async def test_late_facts_change_both_judgements_and_are_counted(
    admin: Client, tutor: Client, lessons: Lessons, tracking: TrackingStandIn
) -> None:
    await accept(tutor, lessons.add(late=10))
    (whiteboard,) = tracking.participants
    lessons.set(whiteboard, late=0)
    evaluation = await evaluate(admin)
    assert (evaluation.changed, evaluation.facts_changed, evaluation.agreed_before, evaluation.agreed_after) == (
        0,
        1,
        1,
        1,
    )


async def test_the_window_that_was_judged_is_judged_again(
    admin: Client, tutor: Client, platform: Platform, lessons: Lessons
) -> None:
    session_id = lessons.add(late=10)
    await accept(tutor, session_id)
    platform.run("UPDATE sessions SET session_date = '2026-03-09' WHERE id = %s", session_id)
    evaluation = await evaluate(admin)
    assert (evaluation.changed, evaluation.facts_changed) == (1, 0)


async def test_decisions_that_cannot_be_judged_again_are_counted_by_reason(
    admin: Client, tutor: Client, platform: Platform, lessons: Lessons, tracking: TrackingStandIn
) -> None:
    sessions = [lessons.add(late=10) for _ in range(3)]
    await accept(tutor, *sessions)
    tracking.participants.popitem()
    platform.run("UPDATE sessions SET whiteboard_id = NULL WHERE id = %s", sessions[0])
    evaluation = await evaluate(admin)
    assert (evaluation.decisions, evaluation.changed) == (1, 1)
    assert {it.reason: it.decisions for it in evaluation.left_out} == {"no_whiteboard": 1, "whiteboard_unknown": 1}


async def test_a_running_lesson_is_left_out(
    admin: Client, tutor: Client, lessons: Lessons, tracking: TrackingStandIn
) -> None:
    tracking.as_of = START + timedelta(minutes=30)
    await tutor.mark(lessons.add(late=10), student_attendance_status=pb.late)
    evaluation = await evaluate(admin)
    assert [(it.reason, it.decisions) for it in evaluation.left_out] == [("running", 1)]


async def test_decisions_without_a_suggestion_are_not_read(
    admin: Client, tutor: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    await tutor.mark(platform.add_session(), student_attendance_status=pb.late)
    assert await evaluate(admin) == pb.EvaluatePolicyResponse()
    assert tracking.batches == []


async def test_only_sessions_of_the_course_count(
    admin: Client, tutor: Client, platform: Platform, lessons: Lessons, tracking: TrackingStandIn
) -> None:
    await accept(tutor, lessons.add(late=10))
    session_id, whiteboard = platform.add_lesson(enrolled_courses_id=OTHERS)
    tracking.knows(whiteboard, tutor=(OTHER_TUTOR, [there(0, 60)]), student=(OTHER_STUDENT, []))
    await admin.mark(session_id, use_suggestion=True)
    counted = [(await evaluate(admin, course_id=course)).decisions for course in (MATHEMATICS, PHYSICS)]
    assert counted == [2, 1]


async def test_only_decisions_of_the_days_count(admin: Client, tutor: Client, lessons: Lessons) -> None:
    await accept(tutor, lessons.add(late=10))
    assert (await evaluate(admin, date_to="2020-01-01")).decisions == 0
    assert (await evaluate(admin, date_from="2020-01-01")).decisions == 1


@pytest.mark.parametrize("size", [1, 2, 3])
async def test_pages_add_up_and_each_calls_the_tracking_service_once(
    admin: Client, tutor: Client, lessons: Lessons, tracking: TrackingStandIn, size: int
) -> None:
    await accept(tutor, *(lessons.add(late=10) for _ in range(3)))
    pages = await admin.pages(METHOD, limits=LENIENT, page_size=size)
    assert (sum(page.changed for page in pages), len(pages)) == (3, -(-3 // size))
    assert len(tracking.batches) == len(pages)
    assert max(tracking.batches) == size


async def test_a_page_token_is_refused_for_other_limits(admin: Client, tutor: Client, lessons: Lessons) -> None:
    await accept(tutor, lessons.add(late=10), lessons.add(late=10))
    token = (await evaluate(admin, page_size=1)).next_page_token
    asked = evaluate(admin, pb.PolicyLimits(late_from_seconds=661), page_size=1, page_token=token)
    assert await refusal(asked) == (StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")


async def test_nothing_is_written(admin: Client, tutor: Client, platform: Platform, lessons: Lessons) -> None:
    session_id = lessons.add(late=10)
    await accept(tutor, session_id)
    everything = "SELECT s, d FROM sessions AS s LEFT JOIN attendance_decisions AS d ON d.session_id = s.id"
    before = platform.rows(everything)
    await evaluate(admin)
    assert platform.rows(everything) == before
    assert platform.rows("SELECT version FROM attendance_policies") == []


async def test_contradicting_limits_are_refused(admin: Client) -> None:
    asked = evaluate(admin, pb.PolicyLimits(late_from_seconds=900))
    assert await refusal(asked) == (StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")


async def test_while_tracking_is_unavailable_the_error_says_when_to_retry(
    admin: Client, tutor: Client, lessons: Lessons, tracking: TrackingStandIn
) -> None:
    await accept(tutor, lessons.add(late=10))
    tracking.failures = [StatusCode.INTERNAL]
    with pytest.raises(aio.AioRpcError) as refused:
        await evaluate(admin)
    assert refused.value.code() is StatusCode.UNAVAILABLE
    assert details(refused.value, error_details_pb2.RetryInfo)


async def test_the_real_tracking_service_answers_for_each_window(
    both_services: aio.Channel, platform: Platform
) -> None:
    admin = Client(both_services, 1, "admin")
    for late in ("07:10", "07:00"):
        session_id, whiteboard = platform.add_lesson()
        platform.add_presence(whiteboard, TUTOR, "07:00", "08:00", role="tutor")
        platform.add_presence(whiteboard, STUDENT, late, "08:00")
        await admin.mark(session_id, use_suggestion=True)
    evaluation = await evaluate(admin)
    assert (evaluation.suggestions, evaluation.changed, evaluation.agreed_before, evaluation.facts_changed) == (
        4,
        1,
        4,
        0,
    )
