"""One round of the sweeper, as housekeeping runs it."""

from __future__ import annotations

from tracking_service.folding.sweeper import Sweeper


def sweep(sweeper: Sweeper) -> int:
    """Close silent intervals and return in how many sessions."""
    silent = sweeper.find_silent()
    sweeper.close(silent)
    return len(silent)
