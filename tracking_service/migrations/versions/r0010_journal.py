"""Create the journal, into which events are appended before facts are made of them."""

from __future__ import annotations

from servicekit.database.migration.adoption import creations
from servicekit.database.migration.definer import REVOKE_EXECUTE, definer_function
from servicekit.database.migration.transaction import current_migration

revision = "0010"
down_revision = "0009"

#: As `tracking_service.domain.journal` divides them.
GROUPS = 256
HOURS = 24

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
    has_events BOOLEAN NOT NULL,
    payload BYTEA NOT NULL,
    PRIMARY KEY (hour, bucket, writer_id, record)
) PARTITION BY LIST (hour)
"""

#: How far each group of sessions is folded, by writer.
_SESSION_GROUPS = """
CREATE TABLE session_groups (
    session_group SMALLINT PRIMARY KEY,
    positions JSONB NOT NULL DEFAULT '{}',
    folded_at TIMESTAMPTZ NOT NULL DEFAULT now()
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
    INSERT INTO membership_changes (whiteboard_session_id) VALUES (OLD.id) ON CONFLICT DO NOTHING;
    RETURN NULL;
END""",
)
_NOTE_MEMBERSHIP_SIGNATURE = "note_membership_change()"
_MEMBERSHIP_TRIGGERS = (
    # The service's own updates of the documented columns do not cause it.
    """
CREATE TRIGGER whiteboard_sessions_members_changed
AFTER UPDATE OF tutor_id, student_id ON whiteboard_sessions FOR EACH ROW
WHEN (OLD.tutor_id IS DISTINCT FROM NEW.tutor_id OR OLD.student_id IS DISTINCT FROM NEW.student_id)
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

#: The statements by the name of the relation that they create.
NEW_RELATIONS = {
    "journal_writers": _JOURNAL_WRITERS,
    "presence_journal": _PRESENCE_JOURNAL,
    **{
        f"presence_journal_{hour:02}": f"""
CREATE TABLE presence_journal_{hour:02} PARTITION OF presence_journal FOR VALUES IN ({hour})
"""
        for hour in range(HOURS)
    },
    "session_groups": _SESSION_GROUPS,
    "membership_changes": _MEMBERSHIP_CHANGES,
}


def upgrade() -> None:
    """Create the tables, and the triggers that note whose members change."""
    migration = current_migration()
    migration.apply(*creations(NEW_RELATIONS))
    migration.execute(_ALL_GROUPS)
    migration.execute(*_NOTE_MEMBERSHIP, REVOKE_EXECUTE.format(_NOTE_MEMBERSHIP_SIGNATURE), *_MEMBERSHIP_TRIGGERS)
