"""The function that erases a person from this service's tables (docs/operations.md#erasure)."""

from __future__ import annotations

from typing import Final

from attendance_service.migrations.erasable_ledger import MAY_ERASE
from servicekit.database.migration.definer import definer_function

ERASE_PERSON_SIGNATURE: Final = "erase_person(INTEGER, INTEGER[], INTEGER[], INTEGER[], INTEGER[], INTEGER[])"

#: Each id gets a pseudonym of its own: two profiles of one person can be in one decision.
_PSEUDONYM = "(CASE WHEN {column} = ANY ({ids}) THEN new_{ids}[array_position({ids}, {column})] ELSE {column} END)"
_STUDENT = _PSEUDONYM.format(column="student_id", ids="students")
_USER = "CASE WHEN {column} = person THEN new_person ELSE {column} END"
#: A field that must not be empty, or is not NULL.
_ERASED = "CASE WHEN {condition} AND {column} <> '' THEN '[erased]' ELSE {column} END"
_IS_STUDENT = "student_id = ANY (students)"
#: The first condition is that of an index; few rows have guests.
_IS_GUEST = """(jsonb_path_exists({column}, '$.guests[*]')
    AND jsonb_path_exists({column}, '$.guests[*] ? (@.user_id == $id)', jsonb_build_object('id', person)))"""

#: `given` and `attended` are the sessions of the person, `noted` those in which they wrote notes: notes are handed on
#: from one decision to the next. Rows that name others by their author come first, while they can still be found.
ERASE_PERSON: Final = definer_function(
    "erase_person(person INTEGER, students INTEGER[], tutors INTEGER[], given INTEGER[], attended INTEGER[], "
    "noted INTEGER[]) RETURNS INTEGER",
    f"""
DECLARE
    new_person INTEGER := -nextval('erased_ids');
    new_students INTEGER[] := ARRAY(SELECT -nextval('erased_ids') FROM unnest(students));
    new_tutors INTEGER[] := ARRAY(SELECT -nextval('erased_ids') FROM unnest(tutors));
    met INTEGER[] := given || attended;
    decisions BIGINT[] := ARRAY(SELECT id FROM attendance_decisions WHERE decided_by = person);
    claims INTEGER[] := ARRAY(SELECT id FROM attendance_claims WHERE raised_by = person OR {_IS_STUDENT});
BEGIN
    INSERT INTO erasures DEFAULT VALUES;

    UPDATE attendance_student_decisions AS about SET
        student_id = {_STUDENT}, note = NULL, excuse_reason = NULL
    WHERE {_IS_STUDENT}
        OR decision_id = ANY (decisions);
    UPDATE attendance_decisions SET
        decided_by = {_USER.format(column="decided_by")},
        notes = CASE WHEN decided_by = person OR session_id = ANY (met || noted) THEN NULL ELSE notes END,
        tutor_excuse_reason = CASE WHEN decided_by = person OR session_id = ANY (given) THEN NULL
            ELSE tutor_excuse_reason END,
        evidence = CASE WHEN session_id = ANY (met) OR {_IS_GUEST.format(column="evidence")}
            THEN reduced_evidence(evidence) ELSE evidence END,
        suggestion_etag = CASE WHEN session_id = ANY (met) THEN NULL ELSE suggestion_etag END
    WHERE decided_by = person OR session_id = ANY (met || noted) OR {_IS_GUEST.format(column="evidence")};

    UPDATE attendance_claim_answers SET
        answered_by = {_USER.format(column="answered_by")}, note = {_ERASED.format(column="note", condition="TRUE")}
    WHERE answered_by = person
        OR claim_id = ANY (claims);
    UPDATE attendance_claims SET
        student_id = {_STUDENT}, raised_by = {_USER.format(column="raised_by")},
        note = {_ERASED.format(column="note", condition="TRUE")}
    WHERE raised_by = person OR {_IS_STUDENT};
    UPDATE absence_notices SET
        student_id = {_STUDENT}, announced_by = {_USER.format(column="announced_by")},
        reason = {_ERASED.format(column="reason", condition="TRUE")}
    WHERE announced_by = person OR {_IS_STUDENT} OR student_id IS NULL AND session_id = ANY (given);
    UPDATE attendance_policies SET created_by = new_person, note = {_ERASED.format(column="note", condition="TRUE")}
    WHERE created_by = person;

    UPDATE sessions SET
        attendance_marked_by = NULLIF(attendance_marked_by, person),
        attendance_notes = NULL
    WHERE attendance_marked_by = person OR id = ANY (met || noted) AND attendance_notes IS NOT NULL;

    UPDATE settled_sessions SET
        tutor_id = {_PSEUDONYM.format(column="tutor_id", ids="tutors")},
        outcome_tutor_id = {_PSEUDONYM.format(column="outcome_tutor_id", ids="tutors")},
        tutor_user_id = {_USER.format(column="tutor_user_id")},
        whiteboard_tutor_id = {_USER.format(column="whiteboard_tutor_id")},
        whiteboard_student_ids = array_replace(whiteboard_student_ids, person, new_person),
        suggestion = reduced_evidence(suggestion),
        etag = CASE WHEN session_id = ANY (met) THEN '[erased]' ELSE etag END,
        recheck_at = CASE WHEN session_id = ANY (met) THEN NULL ELSE recheck_at END,
        people_erased = people_erased OR session_id = ANY (met)
    WHERE session_id = ANY (met) OR {_IS_GUEST.format(column="suggestion")};
    UPDATE settled_students SET
        student_id = {_STUDENT}, user_id = {_USER.format(column="user_id")}
    WHERE {_IS_STUDENT} OR user_id = person;
    RETURN new_person;
END""",  # noqa: S608 - constants
    settings={MAY_ERASE: "on"},
    replaces=True,
)
