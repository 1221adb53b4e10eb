"""Reading the ledger: the history of a session, and the suggestions that are kept with its decisions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import RowMapping, text
from sqlalchemy.engine import Connection

from attendance_service.domain.decision import (
    RecordedDecision,
    RecordedStudentDecision,
    RecordedStudentSuggestion,
    RecordedSuggestion,
)
from attendance_service.domain.listing import Page, PageRequest
from attendance_service.domain.policy import Policy, limits_of
from attendance_service.store.executor import DatabaseExecutor, select
from attendance_service.store.sessions import student_of
from attendance_service.store.visibility import STUDENT_NAME
from servicekit.database import arrays
from servicekit.identifiers import StudentProfileId, TutoringSessionId

#: A session's decisions, newest first, below the last one of the page before. Decisions about other students than
#: `:students` alone are left out; NULL: none is.
DECISIONS = text("""
SELECT decision.id, decision.decided_at, decision.decided_by,
       btrim(concat_ws(' ', decider.first_name, decider.father_name)) AS decided_by_name,
       decision.decided_by_role, decision.source,
       decision.tutor_status_before, decision.tutor_status_after,
       decision.student_status_before, decision.student_status_after,
       decision.notes, decision.evidence, decision.limits, decision.policy_version, decision.source_before,
       decision.tutor_withdrawn, decision.student_withdrawn, decision.tutor_excused, decision.tutor_excuse_reason,
       (SELECT answer.claim_id FROM attendance_claim_answers AS answer WHERE answer.decision_id = decision.id)
           AS claim_id
FROM attendance_decisions AS decision
LEFT JOIN users AS decider ON decider.id = decision.decided_by
WHERE decision.session_id = :session_id AND (CAST(:before_id AS bigint) IS NULL OR decision.id < :before_id)
  AND (CAST(:students AS integer[]) IS NULL
       OR decision.tutor_status_after IS NOT NULL OR decision.tutor_withdrawn OR decision.tutor_excused IS NOT NULL
       OR decision.notes IS NOT NULL AND NOT decision.student_withdrawn
       OR NOT EXISTS (SELECT FROM attendance_student_decisions AS about WHERE about.decision_id = decision.id)
       OR EXISTS (SELECT FROM attendance_student_decisions AS about
                  WHERE about.decision_id = decision.id AND about.student_id = ANY (CAST(:students AS integer[]))))
ORDER BY decision.id DESC
LIMIT :page_size
""")

#: What some decisions say about each student.
STUDENT_DECISIONS = text(f"""
SELECT about.decision_id, about.student_id AS id, student.user_id, {STUDENT_NAME} AS name,
       about.status_before, about.status_after, about.source, about.source_before, about.withdrawn, about.note,
       about.excused, about.excuse_reason
FROM attendance_student_decisions AS about
LEFT JOIN student_profiles AS student ON student.id = about.student_id
LEFT JOIN users AS student_user ON student_user.id = student.user_id
WHERE about.decision_id = ANY (CAST(:decisions AS bigint[]))
  AND (CAST(:students AS integer[]) IS NULL OR about.student_id = ANY (CAST(:students AS integer[])))
ORDER BY about.decision_id, about.student_id
""")  # noqa: S608 - constants

#: The evidence of the last decision that has any, and the policy by which it was judged.
LAST_EVIDENCE = text("""
SELECT evidence, limits, policy_version FROM attendance_decisions
WHERE session_id = :session_id AND evidence IS NOT NULL
ORDER BY id DESC
LIMIT 1
""")


#: What was suggested about each student on whom somebody has decided, with the last decision about them.
STUDENT_SUGGESTIONS = text("""
SELECT last.student_id, last.suggested, decision.limits, decision.policy_version
FROM (SELECT DISTINCT ON (about.student_id) about.student_id, about.decision_id, about.suggested
      FROM attendance_student_decisions AS about
      WHERE about.session_id = :session_id AND (about.status_after IS NOT NULL OR about.withdrawn)
      ORDER BY about.student_id, about.decision_id DESC) AS last
JOIN attendance_decisions AS decision ON decision.id = last.decision_id
WHERE last.suggested IS NOT NULL
""")


class LedgerReader:
    """Reads what was decided."""

    def __init__(self, executor: DatabaseExecutor) -> None:
        """Nothing is read yet."""
        self._executor = executor

    async def history(
        self,
        session_id: TutoringSessionId,
        page: PageRequest[int],
        students: Collection[StudentProfileId] | None,
    ) -> Page[RecordedDecision, int]:
        """Return the decisions about a session, newest first, as far as they concern these students (None: all)."""
        shown = None if students is None else arrays.integers(students)

        def decisions_in(connection: Connection) -> list[RecordedDecision]:
            parameters = {"session_id": session_id, "before_id": page.after, "page_size": page.fetch_size}
            rows = connection.execute(DECISIONS, parameters | {"students": shown}).mappings().all()
            about = _by_decision(connection, rows, shown)
            return [RecordedDecision(**row, students=tuple(about[row["id"]])) for row in rows]

        return page.page(await self._executor.read(decisions_in), lambda decision: decision.id)

    async def last_suggestion(self, session_id: TutoringSessionId) -> RecordedSuggestion | None:
        """Return the suggestion that is kept with the last decision that has one."""
        recorded = await self._executor.read(select(LAST_EVIDENCE, {"session_id": session_id}, _recorded_suggestion))
        return recorded[0] if recorded else None

    async def student_suggestions(self, session_id: TutoringSessionId) -> list[RecordedStudentSuggestion]:
        """Return what was suggested about each student on whom somebody has decided; those without are left out."""
        parameters = {"session_id": session_id}
        return await self._executor.read(select(STUDENT_SUGGESTIONS, parameters, _recorded_student_suggestion))


def _by_decision(
    connection: Connection, decisions: Sequence[RowMapping], students: str | None
) -> dict[int, list[RecordedStudentDecision]]:
    parameters = {"decisions": arrays.integers(row["id"] for row in decisions), "students": students}
    by_decision: dict[int, list[RecordedStudentDecision]] = defaultdict(list)
    for row in connection.execute(STUDENT_DECISIONS, parameters).mappings():
        by_decision[row["decision_id"]].append(_student_decision(row))
    return by_decision


def _student_decision(row: RowMapping) -> RecordedStudentDecision:
    values = {name: value for name, value in row.items() if name not in {"decision_id", "id", "user_id", "name"}}
    return RecordedStudentDecision(student=student_of(row), **values)


def _recorded_suggestion(row: RowMapping) -> RecordedSuggestion:
    return RecordedSuggestion(evidence=row["evidence"], policy=_policy(row))


def _recorded_student_suggestion(row: RowMapping) -> RecordedStudentSuggestion:
    return RecordedStudentSuggestion(
        student=StudentProfileId(row["student_id"]), status=row["suggested"], policy=_policy(row)
    )


def _policy(row: RowMapping) -> Policy:
    return Policy(version=row["policy_version"], limits=limits_of(row["limits"]))
