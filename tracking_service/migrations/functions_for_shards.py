"""What deletes and erases facts where they are in the shards of several servers: docs/several-databases.md.

The functions of the migrations, by the same names, with the same privileges. They differ because of what Citus asks of
statements: sessions of one shard at a time, their ids as constants in each condition, and only immutable functions.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.engine import Connection

from servicekit.database.migration.definer import definer_function
from servicekit.database.migration.transaction import execute_verbatim

#: Workers have triggers that refuse deletions to whoever has not set it.
_SETTINGS = {"citus.propagate_set_commands": "local"}
_MAY_DELETE = "EXECUTE 'SET LOCAL tracking.deletes_facts = ''on''';"
#: `own` is a literal of the ids in one shard. Citus sees constants alone.
_BY_SHARD = """
    FOR own IN
        SELECT quote_literal(array_agg(board ORDER BY board)) || '::integer[]' FROM unnest(sessions) AS board
        GROUP BY get_shard_id_for_distribution_column('whiteboard_sessions', board)
        ORDER BY min(board)
    LOOP"""

_DELETE_OLD_FACTS = definer_function(
    "delete_old_facts(sessions INTEGER[], before TIMESTAMPTZ, events_only BOOLEAN) RETURNS INTEGER",
    f"""
DECLARE
    own TEXT;
    with_facts TEXT;
    is_old TEXT;
    old INTEGER[];
    chosen TEXT;
    deleted INTEGER := 0;
BEGIN
    {_MAY_DELETE}
    IF before > now() - interval '30 days' THEN
        RAISE EXCEPTION 'what is younger than 30 days is not deleted' USING ERRCODE = 'insufficient_privilege';
    END IF;
    {_BY_SHARD}
        with_facts := format('SELECT whiteboard_session_id FROM connection_events
            WHERE whiteboard_session_id = ANY (%1$s)', own);
        IF NOT events_only THEN
            with_facts := with_facts || format('
                UNION SELECT whiteboard_session_id FROM presence_intervals WHERE whiteboard_session_id = ANY (%1$s)
                UNION SELECT whiteboard_session_id FROM activity_periods WHERE whiteboard_session_id = ANY (%1$s)',
                own);
        END IF;
        is_old := format('SELECT array_agg(whiteboard_session_id ORDER BY whiteboard_session_id) FROM (
            (%2$s)
            EXCEPT SELECT whiteboard_session_id FROM connection_events
            WHERE whiteboard_session_id = ANY (%1$s) AND occurred_at >= %3$L
            EXCEPT SELECT whiteboard_session_id FROM presence_intervals
            WHERE whiteboard_session_id = ANY (%1$s) AND (end_reason IS NULL OR ended_at >= %3$L)) AS old',
            own, with_facts, before);
        EXECUTE is_old INTO old;
        CONTINUE WHEN old IS NULL;
        -- Whoever folds locks them, too. So one that becomes present again meanwhile keeps its facts.
        EXECUTE format('SELECT FROM whiteboard_sessions WHERE id = ANY (%L::integer[]) ORDER BY id FOR UPDATE', old);
        EXECUTE replace(is_old, own, format('%L::integer[]', old)) INTO old;
        CONTINUE WHEN old IS NULL;
        chosen := format('%L::integer[]', old);
        EXECUTE format('DELETE FROM connection_events WHERE whiteboard_session_id = ANY (%s)', chosen);
        EXECUTE format('UPDATE whiteboard_sessions SET connection_logs = ''[]''
            WHERE id = ANY (%s) AND connection_logs <> ''[]''', chosen);
        IF NOT events_only THEN
            EXECUTE format('DELETE FROM activity_periods WHERE whiteboard_session_id = ANY (%s)', chosen);
            EXECUTE format('DELETE FROM presence_intervals WHERE whiteboard_session_id = ANY (%s)', chosen);
            EXECUTE format('DELETE FROM relay_sessions WHERE whiteboard_session_id = ANY (%s)', chosen);
        END IF;
        EXECUTE format('INSERT INTO deleted_facts AS known
            SELECT id, %L::timestamptz FROM whiteboard_sessions WHERE id = ANY (%s)
            ON CONFLICT (whiteboard_session_id) DO UPDATE
            SET deleted_until = GREATEST(known.deleted_until, excluded.deleted_until)', before, chosen);
        deleted := deleted + cardinality(old);
    END LOOP;
    RETURN deleted;
END""",  # noqa: S608 - constants
    settings=_SETTINGS,
    replaces=True,
)

_ERASE_USER = definer_function(
    "erase_user(person INTEGER, sessions INTEGER[]) RETURNS INTEGER",
    f"""
DECLARE
    -- Each shard is a call and a transaction of its own; the later ones say which number the first one took.
    pseudonym INTEGER := COALESCE(NULLIF(current_setting('tracking.pseudonym', true), '')::integer,
        -nextval('erased_user_ids'));
    own TEXT;
    named RECORD;
BEGIN
    {_MAY_DELETE}
    IF pseudonym >= 0 OR -pseudonym > (SELECT last_value FROM erased_user_ids) THEN
        RAISE EXCEPTION 'that is no number of an erased person' USING ERRCODE = 'insufficient_privilege';
    END IF;
    {_BY_SHARD}
        EXECUTE format('SELECT FROM presence_intervals WHERE whiteboard_session_id = ANY (%s) AND user_id = %s
            ORDER BY whiteboard_session_id, user_type DESC FOR NO KEY UPDATE', own, person);
        EXECUTE format('UPDATE presence_intervals SET user_id = %s, connections = ''{{}}'', sole_connection_id = NULL
            WHERE whiteboard_session_id = ANY (%s) AND user_id = %s', pseudonym, own, person);
        EXECUTE format('INSERT INTO connection_events
            (whiteboard_session_id, user_id, user_type, occurred_at, event, recorded_at)
            SELECT whiteboard_session_id, %s, user_type, occurred_at, event, min(recorded_at)
            FROM connection_events WHERE whiteboard_session_id = ANY (%s) AND user_id = %s
            GROUP BY whiteboard_session_id, user_type, occurred_at, event', pseudonym, own, person);
        EXECUTE format('DELETE FROM connection_events
            WHERE whiteboard_session_id = ANY (%s) AND user_id = %s', own, person);
        EXECUTE format('UPDATE activity_periods SET user_id = %s
            WHERE whiteboard_session_id = ANY (%s) AND user_id = %s', pseudonym, own, person);
        FOR named IN EXECUTE format('SELECT id, connection_logs FROM whiteboard_sessions
            WHERE id = ANY (%s) AND connection_logs @> %L::jsonb ORDER BY id FOR NO KEY UPDATE',
            own, jsonb_build_array(jsonb_build_object('user_id', person)))
        LOOP
            EXECUTE format('UPDATE whiteboard_sessions SET connection_logs = %L::jsonb WHERE id = %s', (
                SELECT jsonb_agg(CASE WHEN entry -> 'user_id' = to_jsonb(person)
                    THEN jsonb_set(entry, '{{user_id}}', to_jsonb(pseudonym)) ELSE entry END ORDER BY place)
                FROM jsonb_array_elements(named.connection_logs) WITH ORDINALITY AS log (entry, place)), named.id);
        END LOOP;
    END LOOP;
    DELETE FROM heartbeat_streams WHERE owner = 'user:' || person;
    UPDATE relay_coverage SET owner = 'user:' || pseudonym WHERE owner = 'user:' || person;
    RETURN pseudonym;
END""",  # noqa: S608 - constants
    settings=_SETTINGS,
    replaces=True,
)

#: What the attendance service reads of whiteboards beside its own tables, by signature.
_READ_WHITEBOARDS = {
    "whiteboard_people(integer)": """
CREATE OR REPLACE FUNCTION whiteboard_people(whiteboard INTEGER)
RETURNS TABLE (tutor_id INTEGER, student_ids JSONB) ROWS 1 LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF whiteboard IS NOT NULL THEN
        RETURN QUERY SELECT board.tutor_id, to_jsonb(board.student_id) FROM whiteboard_sessions AS board
            WHERE board.id = whiteboard;
    END IF;
END$$""",
    "whiteboards_of_tutor(integer)": """
CREATE OR REPLACE FUNCTION whiteboards_of_tutor(tutor INTEGER)
RETURNS TABLE (id INTEGER) LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT board.id FROM whiteboard_sessions AS board WHERE board.tutor_id = tutor;
END$$""",
}
_EXISTS = text("SELECT to_regprocedure(:signature) IS NOT NULL")


def replace_functions(connection: Connection) -> None:
    """Replace the functions in the caller's transaction, which keeps their owner and who may call them."""
    for statement in (*_DELETE_OLD_FACTS, *_ERASE_USER):
        execute_verbatim(connection, statement)
    for signature, statement in _READ_WHITEBOARDS.items():
        if connection.execute(_EXISTS, {"signature": signature}).scalar_one():
            execute_verbatim(connection, statement)
