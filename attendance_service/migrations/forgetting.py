"""The functions that delete evidence and notes that are older than their retention time (docs/operations.md#retention).

They erase fields of the ledger as `erase_person` does, so its chains say so, and it can still be verified.
"""

from __future__ import annotations

from typing import Final

from attendance_service.migrations.erasable_ledger import MAY_ERASE
from servicekit.database.migration.definer import definer_function

REDUCE_EVIDENCE_SIGNATURE: Final = "reduce_old_evidence(INTEGER[], TIMESTAMPTZ)"
DELETE_NOTES_SIGNATURE: Final = "delete_old_notes(INTEGER[], TIMESTAMPTZ)"

_REFUSE_YOUNG = """
    IF before > now() - interval '30 days' THEN
        RAISE EXCEPTION 'what is younger than 30 days is not deleted' USING ERRCODE = 'insufficient_privilege';
    END IF;"""
_COUNT = "GET DIAGNOSTICS found = ROW_COUNT; done := done + found;"

REDUCE_EVIDENCE: Final = definer_function(
    "reduce_old_evidence(of_sessions INTEGER[], before TIMESTAMPTZ) RETURNS INTEGER",
    f"""
DECLARE
    done INTEGER := 0;
    found INTEGER;
BEGIN
    {_REFUSE_YOUNG}
    UPDATE attendance_decisions SET evidence = reduced_evidence(evidence)
    WHERE session_id = ANY (of_sessions) AND decided_at < before AND evidence <> reduced_evidence(evidence);
    {_COUNT}
    UPDATE settled_sessions SET suggestion = reduced_evidence(suggestion)
    WHERE session_id = ANY (of_sessions) AND recheck_at IS NULL AND suggestion <> reduced_evidence(suggestion)
        AND LEAST(judged_at, session_date::timestamptz) < before;
    {_COUNT}
    RETURN done;
END""",  # noqa: S608 - constants
    settings={MAY_ERASE: "on"},
)

#: Notes of a session stay with the newest decision that has any.
DELETE_NOTES: Final = definer_function(
    "delete_old_notes(of_sessions INTEGER[], before TIMESTAMPTZ) RETURNS INTEGER",
    f"""
DECLARE
    done INTEGER := 0;
    found INTEGER;
BEGIN
    {_REFUSE_YOUNG}
    UPDATE attendance_student_decisions AS about SET note = NULL, excuse_reason = NULL
    FROM attendance_decisions AS decision
    WHERE decision.id = about.decision_id AND about.session_id = ANY (of_sessions) AND decision.decided_at < before
        AND (about.note IS NOT NULL OR about.excuse_reason IS NOT NULL);
    {_COUNT}
    UPDATE attendance_decisions SET notes = NULL, tutor_excuse_reason = NULL
    WHERE session_id = ANY (of_sessions) AND decided_at < before
        AND (notes IS NOT NULL OR tutor_excuse_reason IS NOT NULL);
    {_COUNT}
    UPDATE absence_notices SET reason = '[erased]'
    WHERE session_id = ANY (of_sessions) AND announced_at < before AND reason NOT IN ('', '[erased]');
    {_COUNT}
    UPDATE attendance_claim_answers AS answered SET note = '[erased]'
    FROM attendance_claims AS claim
    WHERE claim.id = answered.claim_id AND claim.session_id = ANY (of_sessions) AND answered_at < before
        AND answered.note NOT IN ('', '[erased]');
    {_COUNT}
    UPDATE attendance_claims SET note = '[erased]'
    WHERE session_id = ANY (of_sessions) AND raised_at < before AND note NOT IN ('', '[erased]');
    {_COUNT}
    UPDATE sessions SET attendance_notes = NULL
    WHERE id = ANY (of_sessions) AND attendance_notes IS NOT NULL AND attendance_marked_at < before
        AND NOT EXISTS (SELECT FROM attendance_decisions WHERE session_id = sessions.id AND notes IS NOT NULL);
    {_COUNT}
    RETURN done;
END""",  # noqa: S608 - constants
    settings={MAY_ERASE: "on"},
)
