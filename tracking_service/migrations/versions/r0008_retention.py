"""Let the service delete facts that are older than its retention times, and know that they are gone.

See docs/operations.md#retention. The functions act as the tables' owner, because the service's role may delete nothing
by itself. They refuse to delete what is younger than MIN_RETENTION.
"""

from __future__ import annotations

from servicekit.database.migration.adoption import creations
from servicekit.database.migration.definer import REVOKE_EXECUTE, definer_function
from servicekit.database.migration.transaction import current_migration

revision = "0008"
down_revision = "0007"

#: The whiteboard sessions from whose facts older ones were deleted: nothing from before this time is known of them.
_DELETED_FACTS = """
CREATE TABLE deleted_facts (
    whiteboard_session_id INTEGER PRIMARY KEY REFERENCES whiteboard_sessions (id) ON DELETE CASCADE,
    deleted_until TIMESTAMPTZ NOT NULL
)
"""

#: How far each task of the retention job has come: one row per task.
_TRACKING_RETENTION_WALKS = """
CREATE TABLE tracking_retention_walks (
    task TEXT PRIMARY KEY,
    walked_to INTEGER NOT NULL DEFAULT 0,
    finished_at TIMESTAMPTZ
)
"""

#: The statements by the name of the relation that they create.
NEW_RELATIONS = {"deleted_facts": _DELETED_FACTS, "tracking_retention_walks": _TRACKING_RETENTION_WALKS}

#: The functions below set this for themselves; whoever else may delete events must know what they do.
_MAY_DELETE = "tracking.deletes_facts"
_LET_DELETIONS_PASS = f"""
CREATE OR REPLACE FUNCTION connection_events_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('{_MAY_DELETE}', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'connection_events is append-only: % is refused', TG_OP
        USING ERRCODE = 'insufficient_privilege', HINT = 'Events are facts: record what happened besides.';
END
$$
"""

_REFUSE_YOUNG = """
    IF before > now() - interval '30 days' THEN
        RAISE EXCEPTION 'what is younger than 30 days is not deleted' USING ERRCODE = 'insufficient_privilege';
    END IF;"""

#: A whiteboard's facts are deleted together, once nobody was there for so long: so no lesson loses a part of them.
OLD_WHITEBOARDS = """
        SELECT board FROM unnest({boards}) AS board
        WHERE (EXISTS (SELECT FROM connection_events WHERE whiteboard_session_id = board)
               OR NOT events_only AND (
                   EXISTS (SELECT FROM presence_intervals WHERE whiteboard_session_id = board)
                   OR EXISTS (SELECT FROM activity_periods WHERE whiteboard_session_id = board)))
            AND NOT EXISTS (SELECT FROM connection_events
                            WHERE whiteboard_session_id = board AND occurred_at >= before)
            AND NOT EXISTS (SELECT FROM presence_intervals
                            WHERE whiteboard_session_id = board AND (end_reason IS NULL OR ended_at >= before))"""


def delete_old_facts(*, check: str = "", replaces: bool = False) -> tuple[str, str, str]:
    """Return the statements that create the function; `check` is what it does before it deletes anything of `old`."""
    return definer_function(
        "delete_old_facts(sessions INTEGER[], before TIMESTAMPTZ, events_only BOOLEAN) RETURNS INTEGER",
        f"""
DECLARE
    old INTEGER[];
BEGIN
    {_REFUSE_YOUNG}
    old := ARRAY({OLD_WHITEBOARDS.format(boards="sessions")});{check}
    DELETE FROM connection_events WHERE whiteboard_session_id = ANY (old);
    UPDATE whiteboard_sessions SET connection_logs = '[]' WHERE id = ANY (old) AND connection_logs <> '[]';
    IF NOT events_only THEN
        DELETE FROM activity_periods WHERE whiteboard_session_id = ANY (old);
        DELETE FROM presence_intervals WHERE whiteboard_session_id = ANY (old);
        DELETE FROM relay_sessions WHERE whiteboard_session_id = ANY (old);
    END IF;
    INSERT INTO deleted_facts AS known SELECT board, before FROM unnest(old) AS board
    ON CONFLICT (whiteboard_session_id) DO UPDATE
    SET deleted_until = GREATEST(known.deleted_until, excluded.deleted_until);
    RETURN cardinality(old);
END""",  # noqa: S608 - constants
        settings={_MAY_DELETE: "on"},
        replaces=replaces,
    )


#: What relays and replicas covered is kept a day longer than every presence to which it may matter. Without it, times
#: from before the first coverage are unknown, and nobody is taken for absent.
_DELETE_OLD_COVERAGE = definer_function(
    "delete_old_coverage(before TIMESTAMPTZ, size INTEGER) RETURNS INTEGER",
    f"""
DECLARE
    deleted INTEGER := 0;
    found INTEGER;
    target record;
BEGIN
    {_REFUSE_YOUNG}
    before := LEAST(before, (SELECT min(started_at) - interval '1 day' FROM presence_intervals));
    FOR target IN SELECT * FROM (VALUES
        ('observation_coverage', 'observed_until < $1'),
        ('relay_observation_gaps', 'ended_at < $1'),
        ('expired_relay_streams', 'last_committed_at < $1'),
        ('relay_coverage', 'observed_until < $1'),
        ('relay_clock_offsets', 'since < $1 AND NOT EXISTS (SELECT FROM heartbeat_streams AS used
            WHERE used.stream_id = relay_clock_offsets.stream_id)')) AS row (relation, condition)
    LOOP
        EXECUTE format('DELETE FROM %I WHERE ctid = ANY (ARRAY(SELECT ctid FROM %I WHERE %s LIMIT $2))',
                       target.relation, target.relation, target.condition) USING before, size;
        GET DIAGNOSTICS found = ROW_COUNT;
        deleted := deleted + found;
    END LOOP;
    RETURN deleted;
END""",  # noqa: S608 - a constant
)


def upgrade() -> None:
    """Create the tables and the functions; nothing is deleted."""
    migration = current_migration()
    migration.apply(*creations(NEW_RELATIONS))
    migration.execute(_LET_DELETIONS_PASS, *delete_old_facts(), *_DELETE_OLD_COVERAGE)
    migration.execute(
        REVOKE_EXECUTE.format("delete_old_facts(INTEGER[], TIMESTAMPTZ, BOOLEAN)"),
        REVOKE_EXECUTE.format("delete_old_coverage(TIMESTAMPTZ, INTEGER)"),
    )
