"""Settings of the processes that fold, for tests."""

from __future__ import annotations

from servicekit.clock import seconds
from tracking_service.folding.fold_process import FoldSettings

PRESENCE_TIMEOUT = seconds(75)


def fold_settings(database: str) -> FoldSettings:
    return FoldSettings(
        database_url=database,
        database_role="tracking_service",
        presence_timeout=PRESENCE_TIMEOUT,
        log_level="info",
    )
