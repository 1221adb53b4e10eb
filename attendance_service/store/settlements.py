"""Writing down settled sessions, and reading them (docs/suggestions.md#settling)."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.engine import Connection

from attendance_service.domain.measurement import shown_seconds
from attendance_service.domain.outcome import LessonOutcome
from attendance_service.domain.settlement import (
    FinalSuggestion,
    SettledJudgement,
    SettledStudent,
    SettledSuggestion,
    Settlement,
)
from attendance_service.domain.vocabulary import AttendanceStatus, Confidence, LessonOutcomeKind
from attendance_service.store.executor import DatabaseExecutor, select
from attendance_service.store.settled import IS_AS_JUDGED, SESSIONS_FIRST
from servicekit.database import arrays
from servicekit.identifiers import StudentProfileId, TutoringSessionId, UserId

#: Replaces no newer judgement, as a replica that stood still would, and none from which somebody was erased. A session
#: that was moved has a new settlement, so nothing of it has changed.
SAVE_SESSIONS = text("""
INSERT INTO settled_sessions AS settled
    (session_id, judged_at, recheck_at, session_date, start_time, end_time, whiteboard_id, enrolled_courses_id,
     cancelled, tutor_id, tutor_user_id, whiteboard_tutor_id, whiteboard_student_ids, has_whiteboard, tutor_status,
     tutor_confidence, tutor_reasons, student_status, student_confidence, student_reasons, etag, policy_version,
     suggestion, outcome, overlap_seconds, tutor_waited_seconds, student_waited_seconds, billable_seconds,
     outcome_tutor_id)
SELECT judged.session_id, judged.judged_at, judged.recheck_at, judged.session_date, judged.start_time, judged.end_time,
       judged.whiteboard_id, judged.enrolled_courses_id, judged.cancelled, judged.tutor_id, judged.tutor_user_id,
       judged.whiteboard_tutor_id, judged.whiteboard_student_ids, judged.has_whiteboard, judged.tutor_status,
       judged.tutor_confidence, judged.tutor_reasons, judged.student_status, judged.student_confidence,
       judged.student_reasons, judged.etag, judged.policy_version, judged.suggestion, judged.outcome,
       judged.overlap_seconds, judged.tutor_waited_seconds, judged.student_waited_seconds, judged.billable_seconds,
       COALESCE(CASE WHEN judged.outcome_tutor_user_id IS NOT DISTINCT FROM judged.tutor_user_id
                     THEN judged.tutor_id END,
                (SELECT min(id) FROM tutor_profiles WHERE user_id = judged.outcome_tutor_user_id))
FROM jsonb_to_recordset(CAST(:sessions AS jsonb)) AS judged (
    session_id INTEGER, judged_at TIMESTAMPTZ, recheck_at TIMESTAMPTZ, session_date DATE, start_time TIME,
    end_time TIME, whiteboard_id INTEGER, enrolled_courses_id INTEGER, cancelled BOOLEAN, tutor_id INTEGER,
    tutor_user_id INTEGER, whiteboard_tutor_id INTEGER, whiteboard_student_ids INTEGER[], has_whiteboard BOOLEAN,
    tutor_status TEXT, tutor_confidence TEXT, tutor_reasons TEXT[], student_status TEXT, student_confidence TEXT,
    student_reasons TEXT[], etag TEXT, policy_version INTEGER, suggestion JSONB, outcome TEXT, overlap_seconds INTEGER,
    tutor_waited_seconds INTEGER, student_waited_seconds INTEGER, billable_seconds INTEGER,
    outcome_tutor_user_id INTEGER)
JOIN sessions AS s ON s.id = judged.session_id
ORDER BY judged.session_id
ON CONFLICT (session_id) DO UPDATE SET
    changed_at = CASE
        WHEN settled.judged_at IS NULL
             OR (settled.session_date, settled.start_time, settled.end_time, settled.enrolled_courses_id)
                IS DISTINCT FROM
                (excluded.session_date, excluded.start_time, excluded.end_time, excluded.enrolled_courses_id) THEN NULL
        WHEN (settled.etag, settled.outcome) IS DISTINCT FROM (excluded.etag, excluded.outcome) THEN excluded.judged_at
        ELSE settled.changed_at END,
    claimed_until = NULL, people_erased = FALSE, judged_at = excluded.judged_at, recheck_at = excluded.recheck_at,
    session_date = excluded.session_date, start_time = excluded.start_time, end_time = excluded.end_time,
    whiteboard_id = excluded.whiteboard_id, enrolled_courses_id = excluded.enrolled_courses_id,
    cancelled = excluded.cancelled, tutor_id = excluded.tutor_id, tutor_user_id = excluded.tutor_user_id,
    whiteboard_tutor_id = excluded.whiteboard_tutor_id,
    whiteboard_student_ids = excluded.whiteboard_student_ids, has_whiteboard = excluded.has_whiteboard,
    tutor_status = excluded.tutor_status, tutor_confidence = excluded.tutor_confidence,
    tutor_reasons = excluded.tutor_reasons, student_status = excluded.student_status,
    student_confidence = excluded.student_confidence, student_reasons = excluded.student_reasons,
    etag = excluded.etag, policy_version = excluded.policy_version, suggestion = excluded.suggestion,
    outcome = excluded.outcome, overlap_seconds = excluded.overlap_seconds,
    tutor_waited_seconds = excluded.tutor_waited_seconds, student_waited_seconds = excluded.student_waited_seconds,
    billable_seconds = excluded.billable_seconds, outcome_tutor_id = excluded.outcome_tutor_id
WHERE (settled.judged_at IS NULL OR settled.judged_at <= excluded.judged_at)
    AND NOT (settled.people_erased AND settled.session_date IS NOT DISTINCT FROM excluded.session_date
             AND (settled.start_time, settled.end_time, settled.enrolled_courses_id)
                 IS NOT DISTINCT FROM (excluded.start_time, excluded.end_time, excluded.enrolled_courses_id))
RETURNING session_id, COALESCE(changed_at = judged_at, FALSE) AS is_changed
""")

DELETE_STUDENTS = text("DELETE FROM settled_students WHERE session_id = ANY (CAST(:sessions AS integer[]))")

#: A user whom only the whiteboard names has the first of their profiles, if any.
SAVE_STUDENTS = text("""
INSERT INTO settled_students
    (session_id, position, student_id, user_id, status, confidence, reasons, active_seconds, lateness_seconds, outcome,
     overlap_seconds, tutor_waited_seconds, waited_seconds, billable_seconds)
SELECT judged.session_id, judged.position,
       COALESCE(judged.student_id, (SELECT min(id) FROM student_profiles WHERE user_id = judged.user_id)),
       judged.user_id, judged.status, judged.confidence, judged.reasons, judged.active_seconds, judged.lateness_seconds,
       judged.outcome, judged.overlap_seconds, judged.tutor_waited_seconds, judged.student_waited_seconds,
       judged.billable_seconds
FROM jsonb_to_recordset(CAST(:students AS jsonb)) AS judged (
    session_id INTEGER, position INTEGER, student_id INTEGER, user_id INTEGER, status TEXT, confidence TEXT,
    reasons TEXT[], active_seconds INTEGER, lateness_seconds INTEGER, outcome TEXT, overlap_seconds INTEGER,
    tutor_waited_seconds INTEGER, student_waited_seconds INTEGER, billable_seconds INTEGER)
""")

#: The suggestions about sessions that are as they were when they were judged.
_SUGGESTIONS = f"""
SELECT settled.session_id, settled.has_whiteboard, settled.tutor_status, settled.tutor_confidence,
       settled.tutor_reasons, settled.student_status, settled.student_confidence, settled.student_reasons,
       COALESCE(settled.suggestion ->> 'overall_recommendation', '') AS recommendation,
       settled.suggestion -> 'tutor_metrics' AS tutor_metrics, settled.etag, settled.policy_version,
       settled.judged_at, settled.changed_at, settled.outcome, settled.overlap_seconds, settled.tutor_waited_seconds,
       settled.student_waited_seconds, settled.billable_seconds,
       (SELECT jsonb_agg(to_jsonb(student) ORDER BY student.position)
        FROM settled_students AS student WHERE student.session_id = settled.session_id) AS students{{and_more}}
FROM settled_sessions AS settled
JOIN sessions AS s ON s.id = settled.session_id
WHERE settled.session_id = ANY (CAST(:sessions AS integer[])) AND {IS_AS_JUDGED}
"""  # noqa: S608 - constants
SUGGESTIONS = text(_SUGGESTIONS.format(and_more=""))

#: Those of them that no late report can change any more, with their evidence.
FINAL_SUGGESTIONS = text(
    f"{_SUGGESTIONS.format(and_more=', settled.suggestion AS document')} AND settled.recheck_at IS NULL"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Saved:
    """How many sessions were written down."""

    settled: int
    #: Of these, how many had another result before.
    changed: int


class SettlementStore:
    """What is written down about settled sessions."""

    def __init__(self, executor: DatabaseExecutor) -> None:
        """Nothing is read yet."""
        self._executor = executor

    async def save(self, settlements: Sequence[Settlement]) -> Saved:
        """Write settlements down, in one transaction, in place of older ones; they are not claimed any more."""
        return await self._executor.run(lambda connection: self._save_in(connection, settlements))

    def _save_in(self, connection: Connection, settlements: Sequence[Settlement]) -> Saved:
        connection.execute(SESSIONS_FIRST)
        rows = json.dumps([_session_row(settlement) for settlement in settlements])
        saved = connection.execute(SAVE_SESSIONS, {"sessions": rows}).mappings().all()
        ids = {row["session_id"] for row in saved}
        students = [row for it in settlements if it.session_id in ids for row in _student_rows(it)]
        connection.execute(DELETE_STUDENTS, {"sessions": arrays.integers(ids)})
        connection.execute(SAVE_STUDENTS, {"students": json.dumps(students)})
        return Saved(settled=len(saved), changed=sum(row["is_changed"] for row in saved))

    async def final(self, session_ids: Collection[TutoringSessionId]) -> dict[TutoringSessionId, FinalSuggestion]:
        """Return the suggestions that no late report can change any more."""
        if not session_ids:
            return {}
        read = select(FINAL_SUGGESTIONS, {"sessions": arrays.integers(session_ids)}, _final_suggestion)
        return dict(await self._executor.read(read))

    async def suggestions(
        self, session_ids: Collection[TutoringSessionId]
    ) -> dict[TutoringSessionId, SettledSuggestion]:
        """Return the suggestions about those sessions that are settled."""
        if not session_ids:
            return {}
        read = select(SUGGESTIONS, {"sessions": arrays.integers(session_ids)}, _suggestion)
        return dict(await self._executor.read(read))


def _session_row(settlement: Settlement) -> dict[str, Any]:
    basis, suggestion = settlement.basis, settlement.suggestion
    return {
        "session_id": settlement.session_id,
        "judged_at": suggestion.judged_at.isoformat(),
        "recheck_at": None if settlement.recheck_at is None else settlement.recheck_at.isoformat(),
        "session_date": None if basis.schedule.day is None else basis.schedule.day.isoformat(),
        "start_time": None if basis.schedule.start is None else basis.schedule.start.isoformat(),
        "end_time": None if basis.schedule.end is None else basis.schedule.end.isoformat(),
        "whiteboard_id": basis.schedule.whiteboard_id,
        "enrolled_courses_id": basis.enrolment_id,
        "cancelled": basis.is_cancelled,
        "tutor_id": settlement.tutor_id,
        "tutor_user_id": settlement.tutor_user_id,
        "whiteboard_tutor_id": settlement.whiteboard_tutor,
        "whiteboard_student_ids": sorted(settlement.whiteboard_students),
        "has_whiteboard": suggestion.has_whiteboard,
        **_judgement_columns(suggestion.tutor, "tutor_"),
        **_judgement_columns(suggestion.student, "student_"),
        "etag": suggestion.etag,
        "policy_version": suggestion.policy_version,
        "suggestion": settlement.document,
        **_outcome_columns(suggestion.outcome),
        "outcome_tutor_user_id": _tutor_of_outcome(settlement),
    }


def _student_rows(settlement: Settlement) -> list[dict[str, Any]]:
    return [
        {
            "session_id": settlement.session_id,
            "position": position,
            "student_id": student.student_id,
            "user_id": student.user_id,
            **(_judgement_columns(student.judgement) if student.judgement is not None else {}),
            "active_seconds": student.active_seconds,
            "lateness_seconds": student.lateness_seconds,
            **_outcome_columns(student.outcome),
        }
        for position, student in enumerate(settlement.suggestion.students, start=1)
    ]


def _judgement_columns(judgement: SettledJudgement, prefix: str = "") -> dict[str, Any]:
    return {
        f"{prefix}status": judgement.status,
        f"{prefix}confidence": judgement.confidence,
        f"{prefix}reasons": judgement.reasons,
    }


def _outcome_columns(outcome: LessonOutcome | None) -> dict[str, Any]:
    if outcome is None:
        return {}
    return {
        "outcome": outcome.kind,
        "overlap_seconds": shown_seconds(outcome.overlap),
        "tutor_waited_seconds": shown_seconds(outcome.tutor_waited),
        "student_waited_seconds": shown_seconds(outcome.student_waited),
        "billable_seconds": shown_seconds(outcome.billable),
    }


def _tutor_of_outcome(settlement: Settlement) -> UserId | None:
    """Return for whom the lesson counts: who gave it, or else the tutor of the roster."""
    outcome = settlement.suggestion.outcome
    return (outcome and outcome.tutor_user_id) or settlement.tutor_user_id


def _final_suggestion(row: RowMapping) -> tuple[TutoringSessionId, FinalSuggestion]:
    session_id, suggestion = _suggestion(row)
    return session_id, FinalSuggestion(suggestion=suggestion, document=row["document"])


def _suggestion(row: RowMapping) -> tuple[TutoringSessionId, SettledSuggestion]:
    suggestion = SettledSuggestion(
        has_whiteboard=row["has_whiteboard"],
        tutor=_judgement(row, "tutor_"),
        student=_judgement(row, "student_"),
        students=tuple(_student(student) for student in row["students"] or ()),
        recommendation=row["recommendation"],
        etag=row["etag"],
        policy_version=row["policy_version"],
        judged_at=row["judged_at"],
        changed_at=row["changed_at"],
        outcome=_outcome(row),
        **_tutor_measured(row["tutor_metrics"]),
    )
    return TutoringSessionId(row["session_id"]), suggestion


def _tutor_measured(metrics: Mapping[str, Any] | None) -> dict[str, float | None]:
    """Return what was measured of the tutor, which only the evidence has."""
    measured = metrics if metrics and metrics.get("session_duration_seconds") else {}
    return {f"tutor_{name}": measured.get(name) for name in ("active_minutes", "lateness_minutes")}


def _student(row: Mapping[str, Any]) -> SettledStudent:
    student_id, user = row["student_id"], row["user_id"]
    return SettledStudent(
        student_id=None if student_id is None else StudentProfileId(student_id),
        user_id=None if user is None else UserId(user),
        judgement=None if row["status"] is None else _judgement(row),
        active_seconds=row["active_seconds"],
        lateness_seconds=row["lateness_seconds"],
        outcome=_outcome(row, "waited_seconds"),
    )


def _outcome(
    row: Mapping[str, Any] | RowMapping, student_waited: str = "student_waited_seconds"
) -> LessonOutcome | None:
    if row["outcome"] is None:
        return None
    return LessonOutcome(
        kind=LessonOutcomeKind(row["outcome"]),
        overlap=timedelta(seconds=row["overlap_seconds"]),
        tutor_waited=timedelta(seconds=row["tutor_waited_seconds"]),
        student_waited=timedelta(seconds=row[student_waited]),
        billable=timedelta(seconds=row["billable_seconds"]),
    )


def _judgement(row: Mapping[str, Any] | RowMapping, prefix: str = "") -> SettledJudgement:
    return SettledJudgement(
        status=AttendanceStatus(row[f"{prefix}status"]),
        confidence=Confidence(row[f"{prefix}confidence"]),
        reasons=tuple(row[f"{prefix}reasons"]),
    )
