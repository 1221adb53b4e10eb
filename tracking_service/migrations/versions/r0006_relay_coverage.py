"""Record when live relays watched connections, and which sessions had events over their streams."""

from __future__ import annotations

from servicekit.database.migration.adoption import creations
from servicekit.database.migration.transaction import current_migration

revision = "0006"
down_revision = "0005"

#: One row per stream of a relay that watches connections live, extended every few seconds while the stream is open.
#: Times of an owner that no row covers, after its first row, were not watched.
_RELAY_COVERAGE = """
CREATE TABLE relay_coverage (
    stream_id UUID NOT NULL,
    owner TEXT NOT NULL,
    observing_since TIMESTAMPTZ NOT NULL,
    observed_until TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (stream_id, observing_since),
    CHECK (observing_since <= observed_until)
)
"""

#: For reading what the relays of one identity cover.
_RELAY_COVERAGE_OWNER = """
CREATE INDEX relay_coverage_owner ON relay_coverage (owner)
"""

#: Which whiteboard sessions had connects or other rare events over which of these streams.
_RELAY_SESSIONS = """
CREATE TABLE relay_sessions (
    whiteboard_session_id INTEGER NOT NULL REFERENCES whiteboard_sessions (id),
    stream_id UUID NOT NULL,
    PRIMARY KEY (whiteboard_session_id, stream_id)
)
"""

#: The statements by the name of the relation that they create.
NEW_RELATIONS = {
    "relay_coverage": _RELAY_COVERAGE,
    "relay_coverage_owner": _RELAY_COVERAGE_OWNER,
    "relay_sessions": _RELAY_SESSIONS,
}


def upgrade() -> None:
    """Create the tables."""
    current_migration().apply(*creations(NEW_RELATIONS))
