"""What this service's tables say about how it runs, for `attendancectl status`."""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import Connection

from tracking_service.folding.reading import ages
from tracking_service.store import overview


def read_overview(connection: Connection) -> dict[str, Any]:
    """Return the numbers by name, with how far behind folding is, in seconds."""
    known = ages(connection)
    return {
        **overview.read(connection),
        "folding_lag_seconds": max((age.lag_seconds for age in known), default=0.0),
        "groups_to_fold": sum(age.is_behind for age in known),
    }
