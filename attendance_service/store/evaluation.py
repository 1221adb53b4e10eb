"""Reading the past decisions that other limits are tried on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping, text

from attendance_service.domain.evaluation import (
    DecidedPerson,
    DecisionPosition,
    EvaluationQuery,
    PastDecision,
    SuggestedStatus,
)
from attendance_service.domain.listing import Page
from attendance_service.domain.policy import limits_of
from attendance_service.domain.session import Roster
from attendance_service.domain.vocabulary import AttendanceStatus, Confidence
from attendance_service.store.executor import DatabaseExecutor, select
from servicekit.identifiers import TutoringSessionId, UserId, WhiteboardSessionId
from servicekit.time_ranges import TimeRange

#: While replicas are replaced, those of the version before write no rows about single students.
_DECIDED_ON_THE_ONLY_ONE = """CASE WHEN jsonb_array_length(decision.evidence -> 'students') = 1
    THEN decision.student_status_after END"""

_NAME = "btrim(concat_ws(' ', {user}.first_name, {user}.father_name))"

#: Decisions that were made with a suggestion (with `:course`: about sessions of this course), newest first. The window
#: is the one that was judged, because the session may have been moved since.
PAST_DECISIONS = text(f"""
SELECT decision.id, decision.decided_at, s.id AS session_id, s.session_date AS day, s.whiteboard_id,
       decision.limits,
       CAST(decision.evidence ->> 'scheduled_start' AS timestamptz) AS window_start,
       CAST(decision.evidence ->> 'scheduled_end' AS timestamptz) AS window_end,
       CAST(decision.evidence ->> 'tutor_user_id' AS integer) AS tutor_user_id,
       jsonb_path_query_array(decision.evidence, '$.students[*].user_id') AS student_user_ids,
       {_NAME.format(user="tutor")} AS tutor_name, '' AS student_name,
       decision.tutor_suggested, decision.tutor_confidence, decision.tutor_status_after,
       decision.student_suggested, decision.student_confidence, decision.student_status_after, shown.students
FROM attendance_decisions AS decision
JOIN sessions AS s ON s.id = decision.session_id
LEFT JOIN users AS tutor ON tutor.id = CAST(decision.evidence ->> 'tutor_user_id' AS integer)
LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_object('user_id', student.entry -> 'user_id',
                                        'name', {_NAME.format(user="named")},
                                        'suggested', student.entry -> 'status_suggestion',
                                        'confidence', student.entry -> 'confidence',
                                        'decided', COALESCE(about.status_after, {_DECIDED_ON_THE_ONLY_ONE})))
           AS students
    FROM jsonb_path_query(decision.evidence, '$.students[*]') AS student (entry)
    LEFT JOIN users AS named ON named.id = CAST(student.entry ->> 'user_id' AS integer)
    LEFT JOIN (attendance_student_decisions AS about JOIN student_profiles AS profile ON profile.id = about.student_id)
        ON about.decision_id = decision.id AND profile.user_id = CAST(student.entry ->> 'user_id' AS integer)
) AS shown ON TRUE
WHERE decision.evidence IS NOT NULL
  AND (CAST(:since AS timestamptz) IS NULL OR decision.decided_at >= CAST(:since AS timestamptz))
  AND (CAST(:before AS timestamptz) IS NULL OR decision.decided_at < CAST(:before AS timestamptz))
  AND (CAST(:course AS integer) IS NULL
       OR EXISTS (SELECT FROM enrolled_courses AS ec
                  WHERE ec.id = s.enrolled_courses_id AND ec.course_id @> ARRAY[CAST(:course AS integer)]))
  AND (CAST(:after_id AS bigint) IS NULL
       OR (decision.decided_at, decision.id) < (CAST(:after_at AS timestamptz), CAST(:after_id AS bigint)))
ORDER BY decision.decided_at DESC, decision.id DESC
LIMIT :page_size
""")  # noqa: S608 - constants


class EvaluationStore:
    """Past decisions, with what was suggested and decided."""

    def __init__(self, executor: DatabaseExecutor, zone: ZoneInfo) -> None:
        """`zone` is the session time zone."""
        self._executor = executor
        self._zone = zone

    async def past_decisions(self, query: EvaluationQuery) -> Page[PastDecision, DecisionPosition]:
        """Return decisions, newest first."""
        parameters = evaluation_parameters(query, self._zone)
        decisions = await self._executor.read(select(PAST_DECISIONS, parameters, _past_decision))
        return query.page.page(decisions, lambda decision: decision.position)


def evaluation_parameters(query: EvaluationQuery, zone: ZoneInfo) -> dict[str, Any]:
    """Return the parameters of PAST_DECISIONS."""
    bounds, after = query.dates.time_bounds(zone), query.page.after
    return {
        "since": bounds.since,
        "before": bounds.before,
        "course": query.course_id,
        "after_at": after and after.decided_at,
        "after_id": after and after.decision_id,
        "page_size": query.page.fetch_size,
    }


def _past_decision(row: RowMapping) -> PastDecision:
    whiteboard = row["whiteboard_id"]
    return PastDecision(
        position=DecisionPosition(row["decided_at"], row["id"]),
        session_id=TutoringSessionId(row["session_id"]),
        day=row["day"],
        whiteboard_id=None if whiteboard is None else WhiteboardSessionId(whiteboard),
        window=TimeRange(row["window_start"], row["window_end"]),
        limits=limits_of(row["limits"]),
        roster=_roster(row),
        tutor=_person(row, "tutor"),
        student=_person(row, "student"),
        students={UserId(student["user_id"]): _student(student) for student in row["students"] or ()},
    )


def _roster(row: RowMapping) -> Roster:
    tutor = row["tutor_user_id"]
    return Roster(tutor=None if tutor is None else UserId(tutor), students=tuple(map(UserId, row["student_user_ids"])))


def _person(row: RowMapping, role: str) -> DecidedPerson:
    shown = SuggestedStatus(AttendanceStatus(row[f"{role}_suggested"]), Confidence(row[f"{role}_confidence"]))
    decided, name = row[f"{role}_status_after"], row[f"{role}_name"]
    return DecidedPerson(shown=shown, decided=decided, name=name, is_tutor=role == "tutor")


def _student(student: Mapping[str, str | None]) -> DecidedPerson:
    shown = SuggestedStatus(AttendanceStatus(str(student["suggested"])), Confidence(str(student["confidence"])))
    return DecidedPerson(shown=shown, decided=student["decided"], name=str(student["name"]))
