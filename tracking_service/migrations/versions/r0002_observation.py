"""Record when presence could be observed, and which stream delivered each interval."""

from __future__ import annotations

from servicekit.database.migration.adoption import creations
from servicekit.database.migration.transaction import Change, current_migration

revision = "0002"
down_revision = "0001"

#: When replicas took events: one row per replica and period without a gap, which the replica extends every few seconds.
#: After the first row ever, times that no row covers could not be observed.
_OBSERVATION_COVERAGE = """
CREATE TABLE observation_coverage (
    replica_id UUID NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    observed_until TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (started_at, replica_id),
    CHECK (started_at <= observed_until)
)
"""

#: For reading what covers a recent window, without older rows.
_OBSERVATION_COVERAGE_END = """
CREATE INDEX observation_coverage_end ON observation_coverage (observed_until)
"""

#: Times in which a relay reports that it saw nothing; no sessions: all sessions of its stream.
_RELAY_OBSERVATION_GAPS = """
CREATE TABLE relay_observation_gaps (
    stream_id UUID NOT NULL,
    sequence BIGINT NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ NOT NULL,
    whiteboard_session_ids INTEGER[] NOT NULL DEFAULT '{}',
    recorded_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (stream_id, sequence),
    CHECK (started_at <= ended_at)
)
"""

#: For reading those of a recent window, without older rows.
_RELAY_OBSERVATION_GAPS_END = """
CREATE INDEX relay_observation_gaps_end ON relay_observation_gaps (ended_at)
"""

#: Relays' streams that can't be resumed any more, with the time that each covered without a gap.
_FORGOTTEN_RELAY_STREAMS = """
CREATE TABLE forgotten_relay_streams (
    stream_id UUID PRIMARY KEY,
    opened_at TIMESTAMPTZ NOT NULL,
    last_committed_at TIMESTAMPTZ NOT NULL
)
"""

#: The statements by the name of the relation that they create.
NEW_RELATIONS = {
    "observation_coverage": _OBSERVATION_COVERAGE,
    "observation_coverage_end": _OBSERVATION_COVERAGE_END,
    "relay_observation_gaps": _RELAY_OBSERVATION_GAPS,
    "relay_observation_gaps_end": _RELAY_OBSERVATION_GAPS_END,
    "forgotten_relay_streams": _FORGOTTEN_RELAY_STREAMS,
}

#: Tables that get a column; both changes are quick, whatever the number of rows.
_EXTENDED_TABLES = ("heartbeat_streams", "presence_intervals")

#: Unlike `last_used_at`, opening a stream does not change `last_committed_at`: it says how far the stream got.
_COLUMNS = (
    Change(
        statement="ALTER TABLE heartbeat_streams ADD COLUMN last_committed_at TIMESTAMPTZ",
        note="heartbeat_streams.last_committed_at: added.",
    ),
    Change(
        statement="ALTER TABLE presence_intervals ADD COLUMN stream_id UUID",
        note="presence_intervals.stream_id: added; NULL for what is recorded already.",
    ),
)


def upgrade() -> None:
    """Create the tables and add the columns."""
    migration = current_migration()
    migration.lock(*_EXTENDED_TABLES)
    migration.apply(*creations(NEW_RELATIONS), *_COLUMNS)
