"""Let a user be erased from the facts (docs/operations.md#erasure)."""

from __future__ import annotations

from servicekit.database.migration.adoption import creations
from servicekit.database.migration.definer import REVOKE_EXECUTE, definer_function
from servicekit.database.migration.transaction import current_migration

revision = "0009"
down_revision = "0008"

#: Pseudonyms are the negative numbers of this sequence: they are no ids of the platform's.
_ERASED_USER_IDS = "CREATE SEQUENCE erased_user_ids AS INTEGER"

#: The statements by the name of the relation that they create.
NEW_RELATIONS = {"erased_user_ids": _ERASED_USER_IDS}

ERASE_USER_SIGNATURE = "erase_user(INTEGER)"
#: Presence stays, as that of nobody in particular: the totals of whiteboards and tutors rest on it. Two events that
#: differ by their connection alone become one.
_ERASE_USER = definer_function(
    "erase_user(person INTEGER) RETURNS INTEGER",
    """
DECLARE
    pseudonym INTEGER := -nextval('erased_user_ids');
BEGIN
    PERFORM FROM presence_intervals WHERE user_id = person
    ORDER BY whiteboard_session_id, user_type DESC FOR NO KEY UPDATE;
    UPDATE presence_intervals SET user_id = pseudonym, connections = '{}', sole_connection_id = NULL
    WHERE user_id = person;
    INSERT INTO connection_events
        (whiteboard_session_id, user_id, user_type, occurred_at, event, recorded_at)
    SELECT whiteboard_session_id, pseudonym, user_type, occurred_at, event, min(recorded_at)
    FROM connection_events WHERE user_id = person GROUP BY whiteboard_session_id, user_type, occurred_at, event;
    DELETE FROM connection_events WHERE user_id = person;
    UPDATE activity_periods SET user_id = pseudonym WHERE user_id = person;
    UPDATE whiteboard_sessions SET connection_logs = (
        SELECT jsonb_agg(CASE WHEN entry -> 'user_id' = to_jsonb(person)
                              THEN jsonb_set(entry, '{user_id}', to_jsonb(pseudonym)) ELSE entry END ORDER BY place)
        FROM jsonb_array_elements(connection_logs) WITH ORDINALITY AS log (entry, place))
    WHERE connection_logs @> jsonb_build_array(jsonb_build_object('user_id', person));
    DELETE FROM heartbeat_streams WHERE owner = 'user:' || person;
    UPDATE relay_coverage SET owner = 'user:' || pseudonym WHERE owner = 'user:' || person;
    RETURN pseudonym;
END""",
    settings={"tracking.deletes_facts": "on"},
)


def upgrade() -> None:
    """Create the sequence and the function; nobody is erased."""
    migration = current_migration()
    migration.apply(*creations(NEW_RELATIONS))
    migration.execute(*_ERASE_USER, REVOKE_EXECUTE.format(ERASE_USER_SIGNATURE))
