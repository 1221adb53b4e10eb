"""Record how far the clocks of relays are off."""

from __future__ import annotations

from servicekit.database.migration.adoption import creations
from servicekit.database.migration.transaction import current_migration

revision = "0005"
down_revision = "0004"

#: One row per stream and change: the clock of its relay was off by so much from then on. Positive: it is ahead.
_RELAY_CLOCK_OFFSETS = """
CREATE TABLE relay_clock_offsets (
    stream_id UUID NOT NULL,
    since TIMESTAMPTZ NOT NULL,
    offset_microseconds BIGINT NOT NULL,
    PRIMARY KEY (stream_id, since)
)
"""

#: The statements by the name of the relation that they create.
NEW_RELATIONS = {"relay_clock_offsets": _RELAY_CLOCK_OFFSETS}


def upgrade() -> None:
    """Create the table."""
    current_migration().apply(*creations(NEW_RELATIONS))
