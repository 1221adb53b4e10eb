from __future__ import annotations

from datetime import UTC, timedelta

import jwt
import pytest
from grpc import StatusCode

from astegni.attendance.v1 import attendance_pb2 as pb
from astegni.tracking.v1 import tracking_pb2
from testkit.grpc_errors import refusal
from testkit.tokens import SECRET
from tests.integration.attendance.client import Client
from tests.integration.attendance.own_service import OwnService
from tests.integration.attendance.platform import CLASS, CLASSMATE, STUDENT, TUTOR, Platform
from tests.integration.attendance.tracking_stand_in import END, START, TrackingStandIn, minute, there, time_stretch


async def test_a_suggestion_has_statuses_measurements_and_reasons(
    tutor: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    session_id, whiteboard = platform.add_lesson()
    tracking.knows(whiteboard, tutor=(TUTOR, [there(-5, 51.3)]), student=(STUDENT, [there(7, 60)]))
    suggestion = await tutor.suggestion(session_id)
    assert (suggestion.session_id, suggestion.has_whiteboard, suggestion.provisional) == (session_id, True, False)
    assert (suggestion.tutor_status_suggestion, suggestion.tutor_confidence) == (pb.present, pb.high)
    assert suggestion.tutor_metrics == pb.SuggestionMetrics(
        connected=True,
        lateness_minutes=0,
        engagement_percentage=85.5,
        active_minutes=51.3,
        active_seconds=3078,
        session_duration_seconds=3600,
        left_early=True,
        early_departure_minutes=8.7,
        reason="Joined on time (0 min after the start). Connected for 85.5 % of the lesson.",
    )
    assert (suggestion.student_status_suggestion, suggestion.student_confidence) == (pb.late, pb.high)
    assert list(suggestion.student_reasons) == ["late", "high_engagement"]
    assert suggestion.student_intervals[0].started_at == minute(7)
    assert suggestion.scheduled_start.ToDatetime(tzinfo=UTC) == START
    assert suggestion.scheduled_end.ToDatetime(tzinfo=UTC) == END
    assert suggestion.overall_recommendation.startswith("The facts are clear")


async def test_a_suggestion_says_what_became_of_the_lesson(
    tutor: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    session_id, whiteboard = platform.add_lesson()
    tracking.knows(whiteboard, tutor=(TUTOR, [there(-5, 51.3)]), student=(STUDENT, [there(7, 60)]))
    suggestion = await tutor.suggestion(session_id)
    held = pb.LessonOutcome(outcome=pb.held, overlap_minutes=44.3, tutor_waited_minutes=7, billable_minutes=44.3)
    assert (suggestion.lesson_outcome, suggestion.students[0].lesson_outcome) == (held, held)
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 20)]), student=(STUDENT, []))
    assert (await tutor.suggestion(session_id)).lesson_outcome == pb.LessonOutcome(
        outcome=pb.student_no_show, tutor_waited_minutes=20, billable_minutes=15
    )


async def test_there_is_no_outcome_of_a_lesson_that_runs_or_has_no_facts(
    tutor: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    session_id, whiteboard = platform.add_lesson()
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 30)]), student=(STUDENT, []))
    tracking.as_of = START + timedelta(minutes=30)
    running = await tutor.suggestion(session_id)
    assert not running.HasField("lesson_outcome")
    assert not running.students[0].HasField("lesson_outcome")
    assert not (await tutor.suggestion(platform.add_session())).HasField("lesson_outcome")


async def test_zero_lateness_is_set_and_unknown_lateness_is_not(
    tutor: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    session_id, whiteboard = platform.add_lesson()
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), student=(STUDENT, []))
    suggestion = await tutor.suggestion(session_id)
    assert suggestion.tutor_metrics.HasField("lateness_minutes")
    assert not suggestion.student_metrics.HasField("lateness_minutes")


async def test_facts_are_requested_for_the_scheduled_window_in_the_session_time_zone(
    tutor: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    session_id, whiteboard = platform.add_lesson()
    await tutor.suggestion(session_id)
    assert tracking.requests == [
        tracking_pb2.GetConnectionMetricsRequest(
            session_id=whiteboard, window_start=minute(0), window_end=minute(60), nearby_seconds=3600
        )
    ]


async def test_facts_are_requested_with_a_token_of_the_role_service(
    tutor: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    session_id, _ = platform.add_lesson()
    await tutor.suggestion(session_id)
    claims = jwt.decode(tracking.authorizations[0].removeprefix("Bearer "), SECRET, algorithms=["HS256"])
    assert claims["role"] == "service"


async def test_if_the_end_equals_the_start_the_whiteboard_s_schedule_applies(
    tutor: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    session_id, whiteboard = platform.add_lesson(end_time="10:00")
    tracking.schedule = (START, START + timedelta(minutes=30))
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 30)]), student=(STUDENT, []))
    suggestion = await tutor.suggestion(session_id)
    assert suggestion.tutor_metrics.session_duration_seconds == 1800
    assert suggestion.scheduled_end.ToDatetime(tzinfo=UTC) == START + timedelta(minutes=30)


async def test_a_session_without_any_schedule_must_be_marked_manually(
    tutor: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    session_id, whiteboard = platform.add_lesson(end_time="10:00")
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 30)]), student=(STUDENT, []))
    suggestion = await tutor.suggestion(session_id)
    assert (suggestion.has_whiteboard, list(suggestion.tutor_reasons)) == (False, ["no_schedule"])
    assert not suggestion.HasField("scheduled_start")


async def test_without_a_whiteboard_no_facts_are_requested_and_zeros_are_shown(
    tutor: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    suggestion = await tutor.suggestion(platform.add_session())
    assert not suggestion.has_whiteboard
    assert (suggestion.student_status_suggestion, suggestion.student_confidence) == (pb.present, pb.low)
    assert suggestion.student_metrics == pb.SuggestionMetrics(reason="This lesson has no whiteboard: mark manually.")
    assert tracking.requests == []


async def test_nothing_is_suggested_about_a_cancelled_session(
    tutor: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    session_id, whiteboard = platform.add_lesson(status="cancelled")
    tracking.knows(whiteboard, tutor=(TUTOR, []), student=(STUDENT, []))
    suggestion = await tutor.suggestion(session_id)
    assert (suggestion.has_whiteboard, list(suggestion.tutor_reasons)) == (False, ["cancelled"])
    assert (suggestion.tutor_confidence, suggestion.student_confidence) == (pb.low, pb.low)
    assert suggestion.lesson_outcome == pb.LessonOutcome(outcome=pb.cancelled)


async def test_a_session_with_an_unknown_whiteboard_must_be_marked_manually(tutor: Client, platform: Platform) -> None:
    session_id, _ = platform.add_lesson()
    suggestion = await tutor.suggestion(session_id)
    assert (suggestion.has_whiteboard, list(suggestion.student_reasons)) == (False, ["whiteboard_unknown"])


async def test_a_running_session_is_provisional(tutor: Client, platform: Platform, tracking: TrackingStandIn) -> None:
    session_id, whiteboard = platform.add_lesson()
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 30)]), student=(STUDENT, []))
    tracking.as_of = START + timedelta(minutes=30)
    suggestion = await tutor.suggestion(session_id)
    assert (suggestion.provisional, suggestion.tutor_confidence) == (True, pb.low)
    assert suggestion.tutor_metrics.session_duration_seconds == 1800


async def test_unknown_time_and_gaps_are_shown_and_never_judged_as_absence(
    tutor: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    session_id, whiteboard = platform.add_lesson()
    tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), student=(STUDENT, [there(0, 20)]))
    tracking.participants[whiteboard][1].unknown.append(time_stretch(20, 60))
    tracking.gaps = [time_stretch(20, 60)]
    suggestion = await tutor.suggestion(session_id)
    assert (suggestion.student_status_suggestion, suggestion.student_confidence) == (pb.present, pb.low)
    assert list(suggestion.student_reasons) == ["cannot_know", "partly_unobserved"]
    assert [gap.started_at for gap in suggestion.observation_gaps] == [minute(20)]


async def test_an_unobserved_arrival_is_a_reason(tutor: Client, platform: Platform, tracking: TrackingStandIn) -> None:
    session_id, whiteboard = platform.add_lesson()
    tracking.knows(whiteboard, tutor=(TUTOR, [there(8, 60)]), student=(STUDENT, []))
    tracking.participants[whiteboard][0].arrival_uncertain_since.CopyFrom(minute(0))
    suggestion = await tutor.suggestion(session_id)
    assert (suggestion.tutor_status_suggestion, suggestion.tutor_confidence) == (pb.present, pb.low)
    assert suggestion.tutor_reasons[-1] == "arrival_decisive"


async def test_a_clock_that_was_off_is_a_reason(tutor: Client, platform: Platform, tracking: TrackingStandIn) -> None:
    session_id, whiteboard = platform.add_lesson()
    tracking.knows(whiteboard, tutor=(TUTOR, [there(6, 60)]), student=(STUDENT, [there(0, 60)]))
    tracking.participants[whiteboard][0].clock_offset_seconds = 360
    suggestion = await tutor.suggestion(session_id)
    assert (suggestion.tutor_reasons[-1], suggestion.tutor_confidence) == ("clock_off", pb.medium)
    assert (suggestion.student_status_suggestion, suggestion.student_confidence) == (pb.present, pb.high)


async def test_each_student_of_a_class_is_named(tutor: Client, platform: Platform, tracking: TrackingStandIn) -> None:
    session_id, whiteboard = platform.add_lesson(enrolled_courses_id=CLASS)
    tracking.knows(whiteboard, tutor=(TUTOR, []), one=(STUDENT, [there(0, 60)]), other=(CLASSMATE, []))
    suggestion = await tutor.suggestion(session_id)
    assert suggestion.student_status_suggestion == pb.present
    assert [(it.user_id, it.name, it.status_suggestion) for it in suggestion.students] == [
        (CLASSMATE, "Dawit Haile", pb.absent),
        (STUDENT, "Sara Tesfaye", pb.present),
    ]


async def test_a_student_of_a_class_sees_only_their_own_facts(
    student: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    session_id, whiteboard = platform.add_lesson(enrolled_courses_id=CLASS)
    tracking.knows(whiteboard, tutor=(TUTOR, []), one=(STUDENT, [there(0, 60)]), other=(CLASSMATE, []))
    assert [person.user_id for person in (await student.suggestion(session_id)).students] == [STUDENT]


async def test_retries_cover_a_restart_of_the_tracking_service(
    tutor: Client, platform: Platform, tracking: TrackingStandIn
) -> None:
    session_id, whiteboard = platform.add_lesson()
    tracking.knows(whiteboard, tutor=(TUTOR, []), student=(STUDENT, []))
    tracking.failures = [StatusCode.UNAVAILABLE, StatusCode.UNAVAILABLE]
    assert (await tutor.suggestion(session_id)).has_whiteboard
    assert len(tracking.requests) == 3


@pytest.mark.parametrize("failure", [StatusCode.INTERNAL, StatusCode.UNAUTHENTICATED, StatusCode.RESOURCE_EXHAUSTED])
async def test_a_failure_of_the_tracking_service_is_reported_as_unavailable(
    tutor: Client, platform: Platform, tracking: TrackingStandIn, failure: StatusCode
) -> None:
    session_id, _ = platform.add_lesson()
    tracking.failures = [failure]
    assert await refusal(tutor.suggestion(session_id)) == (StatusCode.UNAVAILABLE, "TRACKING_UNAVAILABLE")


async def test_a_stopped_tracking_service_is_reported_as_unavailable(
    own_service: OwnService,
) -> None:
    session_id, _ = own_service.platform.add_lesson()
    await own_service.tracking_server.stop()
    assert await refusal(own_service.client(TUTOR, "tutor").suggestion(session_id)) == (
        StatusCode.UNAVAILABLE,
        "TRACKING_UNAVAILABLE",
    )
