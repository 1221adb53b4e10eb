"""Lock the facts of a user who is erased for a moment only (docs/operations.md#erasure)."""

from __future__ import annotations

from servicekit.database.migration.definer import REVOKE_EXECUTE, definer_function
from servicekit.database.migration.transaction import current_migration

revision = "0011"
down_revision = "0010"

_DROP_ERASE_USER = "DROP FUNCTION IF EXISTS erase_user(INTEGER)"
ERASE_USER_SIGNATURE = "erase_user(INTEGER, INTEGER[])"
#: Presence stays, as that of nobody in particular: the totals of whiteboards and tutors rest on it. Two events that
#: differ by their connection alone become one. `sessions` are the whiteboards whose facts or logs name the person.
#: Whoever calls this looks for them in whole tables, before anything is locked: indexes by user would make each connect
#: dearer.
_ERASE_USER = definer_function(
    "erase_user(person INTEGER, sessions INTEGER[]) RETURNS INTEGER",
    """
DECLARE
    pseudonym INTEGER := -nextval('erased_user_ids');
BEGIN
    PERFORM FROM presence_intervals WHERE whiteboard_session_id = ANY (sessions) AND user_id = person
    ORDER BY whiteboard_session_id, user_type DESC FOR NO KEY UPDATE;
    UPDATE presence_intervals SET user_id = pseudonym, connections = '{}', sole_connection_id = NULL
    WHERE whiteboard_session_id = ANY (sessions) AND user_id = person;
    INSERT INTO connection_events
        (whiteboard_session_id, user_id, user_type, occurred_at, event, recorded_at)
    SELECT whiteboard_session_id, pseudonym, user_type, occurred_at, event, min(recorded_at)
    FROM connection_events WHERE whiteboard_session_id = ANY (sessions) AND user_id = person
    GROUP BY whiteboard_session_id, user_type, occurred_at, event;
    DELETE FROM connection_events WHERE whiteboard_session_id = ANY (sessions) AND user_id = person;
    UPDATE activity_periods SET user_id = pseudonym
    WHERE whiteboard_session_id = ANY (sessions) AND user_id = person;
    UPDATE whiteboard_sessions SET connection_logs = (
        SELECT jsonb_agg(CASE WHEN entry -> 'user_id' = to_jsonb(person)
                              THEN jsonb_set(entry, '{user_id}', to_jsonb(pseudonym)) ELSE entry END ORDER BY place)
        FROM jsonb_array_elements(connection_logs) WITH ORDINALITY AS log (entry, place))
    WHERE id = ANY (sessions) AND connection_logs @> jsonb_build_array(jsonb_build_object('user_id', person));
    DELETE FROM heartbeat_streams WHERE owner = 'user:' || person;
    UPDATE relay_coverage SET owner = 'user:' || pseudonym WHERE owner = 'user:' || person;
    RETURN pseudonym;
END""",
    settings={"tracking.deletes_facts": "on"},
    replaces=True,
)


def upgrade() -> None:
    """Replace the function; nobody is erased."""
    migration = current_migration()
    migration.execute(_DROP_ERASE_USER, *_ERASE_USER, REVOKE_EXECUTE.format(ERASE_USER_SIGNATURE))
