"""Create the journal, into which events are appended before facts are made of them."""

from __future__ import annotations

from servicekit.database.migration.adoption import creations
from servicekit.database.migration.definer import REVOKE_EXECUTE, definer_function
from servicekit.database.migration.transaction import (
    Migration,
    MigrationFailed,
    current_migration,
    execute_verbatim,
)
from tracking_service.migrations.versions import r0008_retention

revision = "0010"
down_revision = "0009"

#: As `tracking_service.domain.journal` divides them.
GROUPS = 256
HOURS = 24

#: Earlier versions name themselves so, as the service still does.
_CONNECTED_SERVICES = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'tracking_service'
"""

#: As the service's grants have it.
EMPTY_JOURNAL_SIGNATURE = "empty_old_journal(INTEGER)"

#: One row per process that appends. It is updated with each flush, so its pages keep much free space.
_JOURNAL_WRITERS = """
CREATE TABLE journal_writers (
    writer_id INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    last_record BIGINT NOT NULL DEFAULT 0,
    last_appended_at TIMESTAMPTZ NOT NULL DEFAULT now()
) WITH (fillfactor = 10)
"""

#: What was accepted, by flush and bucket of session groups. One partition for each hour of the day, emptied as a whole.
_PRESENCE_JOURNAL = """
CREATE TABLE presence_journal (
    hour SMALLINT NOT NULL,
    bucket SMALLINT NOT NULL,
    writer_id INTEGER NOT NULL,
    record BIGINT NOT NULL,
    payload BYTEA NOT NULL,
    PRIMARY KEY (hour, bucket, writer_id, record)
) PARTITION BY LIST (hour)
"""

#: To compress payloads takes PostgreSQL longer than everything else of an append: with 5,000 heartbeats in a commit,
#: 0.5 of 1.1 us a heartbeat, for 8 of 22 bytes in its log. The partitions take it over.
_PAYLOADS_UNCOMPRESSED = "ALTER TABLE presence_journal ALTER COLUMN payload SET STORAGE EXTERNAL"

#: How far each group of sessions is folded, by writer.
_SESSION_GROUPS = """
CREATE TABLE session_groups (
    session_group SMALLINT PRIMARY KEY,
    positions JSONB NOT NULL DEFAULT '{}',
    folded_at TIMESTAMPTZ NOT NULL DEFAULT 'epoch'
) WITH (fillfactor = 20)
"""

_ALL_GROUPS = f"""
INSERT INTO session_groups (session_group) SELECT generate_series(0, {GROUPS - 1})
"""

#: Which whiteboard sessions got other members, by transaction. Replicas read what is new every second.
_MEMBERSHIP_CHANGES = """
CREATE TABLE membership_changes (
    changed_in XID8 NOT NULL DEFAULT pg_current_xact_id(),
    whiteboard_session_id INTEGER NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (changed_in, whiteboard_session_id)
)
"""

#: As the tables' owner: the platform, whose transaction it is, may do nothing in our tables.
_NOTE_MEMBERSHIP = definer_function(
    "note_membership_change() RETURNS trigger",
    """
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.tutor_id IS NOT DISTINCT FROM NEW.tutor_id
            AND OLD.student_id IS NOT DISTINCT FROM NEW.student_id THEN
            RETURN NULL;
        END IF;
    END IF;
    INSERT INTO membership_changes (whiteboard_session_id) VALUES (OLD.id) ON CONFLICT DO NOTHING;
    RETURN NULL;
END""",
)
_NOTE_MEMBERSHIP_SIGNATURE = "note_membership_change()"
_MEMBERSHIP_TRIGGERS = (
    # It names no column, because the platform could not change the type of one that a trigger names. The service's own
    # connections say that they change no members, so that folding does not pay for it.
    """
CREATE TRIGGER whiteboard_sessions_members_changed AFTER UPDATE ON whiteboard_sessions FOR EACH ROW
WHEN (current_setting('tracking.changes_no_members', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION note_membership_change()
""",
    """
CREATE TRIGGER whiteboard_sessions_members_gone
AFTER DELETE ON whiteboard_sessions FOR EACH ROW EXECUTE FUNCTION note_membership_change()
""",
    # ALWAYS: also for changes that replication brings.
    "ALTER TABLE whiteboard_sessions ENABLE ALWAYS TRIGGER whiteboard_sessions_members_changed",
    "ALTER TABLE whiteboard_sessions ENABLE ALWAYS TRIGGER whiteboard_sessions_members_gone",
)

#: Whoever folds locks the whiteboards about which new facts are recorded. So one that becomes present again meanwhile
#: keeps its facts.
_DELETE_OLD_FACTS = r0008_retention.delete_old_facts(
    check=f"""
    PERFORM FROM whiteboard_sessions WHERE id = ANY (old) ORDER BY id FOR UPDATE;
    old := ARRAY({r0008_retention.OLD_WHITEBOARDS.format(boards="old")});""",
    replaces=True,
)

#: Empties the partitions of hours that ended so many hours ago, except one that may hold what is not folded. It holds
#: what transactions wrote that began in its hour and took up to five minutes
#: (`tracking_service.store.journal.MAX_APPEND`). Tomorrow the same partition is written again: so the time is checked
#: once more when nobody else can write it.
_EMPTY_OLD_JOURNAL = definer_function(
    "empty_old_journal(retention_hours INTEGER) RETURNS INTEGER",
    f"""
DECLARE
    folded_at TIMESTAMPTZ := (
        SELECT min(known.folded_at) FROM session_groups AS known HAVING count(*) = {GROUPS});
    ended TIMESTAMPTZ;
    old TEXT;
    has_records BOOLEAN;
    emptied INTEGER := 0;
BEGIN
    IF retention_hours IS NULL OR retention_hours NOT BETWEEN 1 AND {HOURS - 2} THEN
        RAISE EXCEPTION 'the journal is kept for 1 to {HOURS - 2} hours' USING ERRCODE = 'insufficient_privilege';
    END IF;
    FOR hours IN retention_hours .. {HOURS - 2} LOOP
        ended := date_trunc('hour', now()) - make_interval(hours => hours);
        CONTINUE WHEN folded_at IS NULL OR folded_at < ended + interval '5 minutes';
        old := 'presence_journal_' || to_char(ended - interval '1 hour', 'HH24');
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', old) INTO has_records;
        CONTINUE WHEN NOT has_records;
        EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', old);
        CONTINUE WHEN clock_timestamp() >= ended + interval '{HOURS - 1} hours';
        EXECUTE format('TRUNCATE %I', old);
        emptied := emptied + 1;
    END LOOP;
    RETURN emptied;
END""",  # noqa: S608 - constants
    settings={"lock_timeout": "1s"},
)

_TABLES = {
    "journal_writers": _JOURNAL_WRITERS,
    "presence_journal": _PRESENCE_JOURNAL,
    "session_groups": _SESSION_GROUPS,
    "membership_changes": _MEMBERSHIP_CHANGES,
}
#: Rows are never changed, so vacuuming would only write each page once more.
_PARTITIONS = {
    f"presence_journal_{hour:02}": f"""
CREATE TABLE presence_journal_{hour:02} PARTITION OF presence_journal FOR VALUES IN ({hour})
WITH (autovacuum_enabled = off)
"""
    for hour in range(HOURS)
}
#: The statements by the name of the relation that they create.
NEW_RELATIONS = {**_TABLES, **_PARTITIONS}


def upgrade() -> None:
    """Create the tables, the triggers that note whose members change, and the function that empties the journal.

    Retention heeds from now on that facts are recorded later than they are accepted.
    """
    migration = current_migration()
    _refuse_if_a_service_runs(migration)
    migration.apply(*creations(_TABLES))
    migration.execute(_PAYLOADS_UNCOMPRESSED, *_PARTITIONS.values(), _ALL_GROUPS)
    migration.execute(*_NOTE_MEMBERSHIP, REVOKE_EXECUTE.format(_NOTE_MEMBERSHIP_SIGNATURE), *_MEMBERSHIP_TRIGGERS)
    migration.execute(*_EMPTY_OLD_JOURNAL, REVOKE_EXECUTE.format(EMPTY_JOURNAL_SIGNATURE))
    migration.execute(*_DELETE_OLD_FACTS)


def _refuse_if_a_service_runs(migration: Migration) -> None:
    connections = execute_verbatim(migration.connection, _CONNECTED_SERVICES).scalar_one()
    if connections:
        raise MigrationFailed(
            f"A tracking service of an earlier version has {connections} connections to this database; nothing was "
            "changed.\nStop the tracking services, then run this again. What they write after it would be at odds with "
            "what is made of the journal. Relays and presence sockets may run on, and deliver afterwards."
        )
