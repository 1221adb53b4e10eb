"""Suggestions as messages, and as the JSON that is kept as evidence."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, get_args

from google.protobuf.json_format import MessageToDict

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.domain.attendees import Guest
from attendance_service.domain.facts import PresenceInterval
from attendance_service.domain.judgement import Judgement
from attendance_service.domain.measurement import shown_minutes, shown_percentage, shown_seconds
from attendance_service.domain.outcome import LessonOutcome
from attendance_service.domain.reasons import ReasonCode
from attendance_service.domain.suggestion import PersonSuggestion
from attendance_service.use_cases.suggestion_service import SessionSuggestion
from attendance_service.wire.fields import CONFIDENCES, LESSON_OUTCOMES, STATUSES, timestamp
from servicekit.identifiers import UserId
from servicekit.time_ranges import TimeRange

#: Fields of a suggestion that would reveal classmates' presence: what was measured for the class, and the etag, which
#: covers each student's status and could be guessed by trying the few statuses (docs/adr/0011-classmates.md).
RevealingField = Literal[
    "student_metrics", "student_reasons", "student_intervals", "student_activity", "etag", "lesson_outcome"
]
REVEALING_FIELDS: tuple[RevealingField, ...] = get_args(RevealingField)


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
            _student(user_id, named, person)
            for user_id, person in suggestion.students.items()
            if named.visible_students is None or user_id in named.visible_students
        ],
        overall_recommendation=suggestion.recommendation,
        provisional=suggestion.provisional,
        observation_gaps=[_time_range(gap) for gap in suggestion.observation_gaps],
        scheduled_start=timestamp(window.start if window else None),
        scheduled_end=timestamp(window.end if window else None),
        etag=suggestion.etag,
        policy_version=suggestion.policy_version,
        tutor_user_id=suggestion.tutor_user_id,
        # Guests belong to other sessions, so they concern neither students nor parents of this one.
        guests=[_guest(guest, named.names.get(guest.user_id, "")) for guest in suggestion.guests]
        if named.visible_students is None
        else (),
        seen_together=None if suggestion.seen_together is None else _time_range(suggestion.seen_together),
        lesson_outcome=None if suggestion.outcomes is None else lesson_outcome(suggestion.outcomes.lesson),
    )
    if named.late_from is not None:
        response.late_from_seconds = shown_seconds(named.late_from)
    if not named.shows_everyone:
        for field in REVEALING_FIELDS:
            response.ClearField(field)
    return response


def suggestion_document(named: SessionSuggestion) -> dict[str, Any]:
    """Return the evidence: the suggestion as the gateway's JSON shows it, but without activity, which is not judged."""
    document = MessageToDict(
        suggestion_response(named), preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    del document["tutor_activity"], document["student_activity"]
    for student in document["students"]:
        del student["activity"]
    return document


def lesson_outcome(outcome: LessonOutcome) -> pb.LessonOutcome:
    """Return what became of a lesson."""
    return pb.LessonOutcome(
        outcome=LESSON_OUTCOMES[outcome.kind],
        overlap_minutes=shown_minutes(outcome.overlap),
        tutor_waited_minutes=shown_minutes(outcome.tutor_waited),
        student_waited_minutes=shown_minutes(outcome.student_waited),
        billable_minutes=shown_minutes(outcome.billable),
    )


def _student(user_id: UserId, named: SessionSuggestion, person: PersonSuggestion) -> pb.StudentSuggestion:
    outcomes = named.suggestion.outcomes
    return pb.StudentSuggestion(
        user_id=user_id,
        student_id=named.profiles.get(user_id),
        name=named.names.get(user_id, ""),
        status_suggestion=STATUSES[person.judgement.status],
        confidence=CONFIDENCES[person.judgement.confidence],
        metrics=_metrics(person.judgement),
        reasons=_codes(person.judgement),
        intervals=_intervals(person),
        activity=person.activity,
        lesson_outcome=None if outcomes is None else lesson_outcome(outcomes.students[user_id]),
    )


def _guest(guest: Guest, name: str) -> pb.WhiteboardGuest:
    return pb.WhiteboardGuest(
        user_id=guest.user_id, name=name, user_type=guest.role, intervals=map(_interval, guest.intervals)
    )


def _metrics(judgement: Judgement) -> pb.SuggestionMetrics | None:
    """Return what was measured; None if it was, and is not known any more."""
    measured = judgement.measurement
    if measured is None:
        is_first = judgement.reasons[0].code is ReasonCode.FACTS_DELETED
        was_measured = not is_first and any(it.code is ReasonCode.FACTS_DELETED for it in judgement.reasons)
        return None if was_measured else pb.SuggestionMetrics(reason=judgement.explanation)
    left_early_by = measured.left_early_by
    return pb.SuggestionMetrics(
        connected=measured.lateness is not None,
        lateness_minutes=None if measured.lateness is None else shown_minutes(measured.lateness),
        engagement_percentage=shown_percentage(measured.rule_input.engagement) if measured.observed else None,
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
        started_at=timestamp(interval.span.start),
        ended_at=timestamp(interval.span.end),
        end_reason=interval.end_reason,
        assumed=interval.assumed,
    )


def _time_range(time_range: TimeRange[datetime]) -> pb.TimeStretch:
    return pb.TimeStretch(started_at=timestamp(time_range.start), ended_at=timestamp(time_range.end))
