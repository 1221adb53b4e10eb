"""Suggestions as messages, and as the JSON that people are shown."""

from __future__ import annotations

from typing import Any, Literal

from google.protobuf.json_format import MessageToDict

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.domain.facts import PresenceInterval
from attendance_service.domain.judgement import Judgement
from attendance_service.domain.recommendation import recommendation
from attendance_service.domain.rounding import shown_minutes, shown_percentage, shown_seconds
from attendance_service.domain.stretches import Stretch
from attendance_service.domain.suggestion import PersonSuggestion
from attendance_service.use_cases.suggest import SessionSuggestion
from attendance_service.wire.moments import timestamp
from attendance_service.wire.words import CONFIDENCES, STATUSES
from servicekit.identifiers import UserId

#: Fields of a suggestion from which classmates' presence would follow: what was measured of the class, and a mark of
#: what is suggested about each student, for there are few statuses to try.
TELLING_OF_OTHERS: tuple[
    Literal["student_metrics", "student_reasons", "student_intervals", "student_activity", "etag"], ...
] = (
    "student_metrics",
    "student_reasons",
    "student_intervals",
    "student_activity",
    "etag",
)


def suggestion_response(named: SessionSuggestion) -> pb.GetAttendanceSuggestionResponse:
    """Return the suggestion as its caller may see it."""
    suggestion, window = named.suggestion, named.suggestion.window
    tutor, student = suggestion.tutor, suggestion.student
    response = pb.GetAttendanceSuggestionResponse(
        session_id=named.session_id,
        has_whiteboard=suggestion.has_whiteboard,
        tutor_status_suggestion=STATUSES[tutor.judgement.status],
        tutor_confidence=CONFIDENCES[tutor.judgement.confidence],
        tutor_metrics=_metrics(tutor.judgement),
        tutor_reasons=_codes(tutor.judgement),
        tutor_intervals=_intervals(tutor),
        tutor_activity=tutor.activity,
        student_status_suggestion=STATUSES[student.judgement.status],
        student_confidence=CONFIDENCES[student.judgement.confidence],
        student_metrics=_metrics(student.judgement),
        student_reasons=_codes(student.judgement),
        student_intervals=_intervals(student),
        student_activity=student.activity,
        students=[
            _student(user_id, named.names.get(user_id, ""), person)
            for user_id, person in suggestion.students.items()
            if named.visible_students is None or user_id in named.visible_students
        ],
        overall_recommendation=recommendation(suggestion),
        provisional=suggestion.provisional,
        observation_gaps=[_stretch(gap) for gap in suggestion.observation_gaps],
        scheduled_start=timestamp(window.started_at if window else None),
        scheduled_end=timestamp(window.ended_at if window else None),
        etag=suggestion.etag,
        policy_version=suggestion.policy_version,
    )
    if not named.shows_everybody:
        for field in TELLING_OF_OTHERS:
            response.ClearField(field)
    return response


def suggestion_document(named: SessionSuggestion) -> dict[str, Any]:
    """Return the suggestion as the gateway's JSON shows it: what is kept as evidence.

    Without the activity of each minute, on which no judgement rests.
    """
    document = MessageToDict(
        suggestion_response(named), preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    del document["tutor_activity"], document["student_activity"]
    for student in document["students"]:
        del student["activity"]
    return document


def _student(user_id: UserId, name: str, person: PersonSuggestion) -> pb.StudentSuggestion:
    return pb.StudentSuggestion(
        user_id=user_id,
        name=name,
        status_suggestion=STATUSES[person.judgement.status],
        confidence=CONFIDENCES[person.judgement.confidence],
        metrics=_metrics(person.judgement),
        reasons=_codes(person.judgement),
        intervals=_intervals(person),
        activity=person.activity,
    )


def _metrics(judgement: Judgement) -> pb.SuggestionMetrics:
    measured = judgement.measurement
    if measured is None:
        return pb.SuggestionMetrics(reason=judgement.explanation)
    left_early_by = measured.left_early_by
    return pb.SuggestionMetrics(
        connected=measured.lateness is not None,
        lateness_minutes=None if measured.lateness is None else shown_minutes(measured.lateness),
        engagement_percentage=shown_percentage(measured.standing.engagement) if measured.observed else None,
        active_minutes=shown_minutes(measured.active),
        active_seconds=shown_seconds(measured.active),
        session_duration_seconds=shown_seconds(measured.observed),
        left_early=left_early_by is not None,
        early_departure_minutes=None if left_early_by is None else shown_minutes(left_early_by),
        reconnects=measured.reconnects,
        reason=judgement.explanation,
    )


def _codes(judgement: Judgement) -> list[str]:
    return [reason.code for reason in judgement.reasons]


def _intervals(person: PersonSuggestion) -> list[pb.PresenceInterval]:
    return [_interval(interval) for interval in person.intervals]


def _interval(interval: PresenceInterval) -> pb.PresenceInterval:
    return pb.PresenceInterval(
        started_at=timestamp(interval.started_at),
        ended_at=timestamp(interval.ended_at),
        end_reason=interval.end_reason,
        assumed=interval.assumed,
    )


def _stretch(stretch: Stretch) -> pb.TimeStretch:
    return pb.TimeStretch(started_at=timestamp(stretch.started_at), ended_at=timestamp(stretch.ended_at))
