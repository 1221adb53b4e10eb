"""Reading the decisions on which other limits are tried."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping, text

from attendance_service.domain.evaluation import (
    DecidedPerson,
    DecisionPosition,
    EvaluationQuery,
    Outcome,
    PastDecision,
)
from attendance_service.domain.limits import limits_of
from attendance_service.domain.stretches import Stretch
from attendance_service.domain.vocabulary import AttendanceStatus, Confidence
from servicekit.database.engine import Database
from servicekit.identifiers import WhiteboardSessionId

#: Decisions taken with a suggestion at hand (with `:course`: on sessions of this course), newest first. The window is
#: the one that was judged: the session may have been moved since.
PAST_DECISIONS = text("""
SELECT decision.id, decision.decided_at, s.whiteboard_id, decision.limits,
       CAST(decision.evidence ->> 'scheduled_start' AS timestamptz) AS window_start,
       CAST(decision.evidence ->> 'scheduled_end' AS timestamptz) AS window_end,
       decision.tutor_suggested, decision.tutor_confidence, decision.tutor_status_after,
       decision.student_suggested, decision.student_confidence, decision.student_status_after
FROM attendance_decisions AS decision
JOIN sessions AS s ON s.id = decision.session_id
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
""")


class EvaluationStore:
    """Past decisions, with what was suggested and decided."""

    def __init__(self, database: Database, zone: ZoneInfo) -> None:
        """`zone` is the session time zone."""
        self._database = database
        self._zone = zone

    def past_decisions(self, query: EvaluationQuery, size: int) -> tuple[PastDecision, ...]:
        """Return up to `size` decisions, newest first."""
        with self._database.transaction() as connection:
            rows = connection.execute(PAST_DECISIONS, evaluation_parameters(query, self._zone, size)).mappings().all()
        return tuple(_past_decision(row) for row in rows)


def evaluation_parameters(query: EvaluationQuery, zone: ZoneInfo, size: int) -> dict[str, Any]:
    """Return what PAST_DECISIONS takes."""
    moments = query.period.moments(zone)
    return {
        "since": moments.since,
        "before": moments.before,
        "course": query.course_id,
        "after_at": query.after and query.after.decided_at,
        "after_id": query.after and query.after.decision_id,
        "page_size": size,
    }


def _past_decision(row: RowMapping) -> PastDecision:
    whiteboard = row["whiteboard_id"]
    return PastDecision(
        position=DecisionPosition(row["decided_at"], row["id"]),
        whiteboard_id=None if whiteboard is None else WhiteboardSessionId(whiteboard),
        window=Stretch(started_at=row["window_start"], ended_at=row["window_end"]),
        limits=limits_of(row["limits"]),
        tutor=_person(row, "tutor"),
        student=_person(row, "student"),
    )


def _person(row: RowMapping, role: str) -> DecidedPerson:
    shown = Outcome(AttendanceStatus(row[f"{role}_suggested"]), Confidence(row[f"{role}_confidence"]))
    return DecidedPerson(shown=shown, decided=row[f"{role}_status_after"])
