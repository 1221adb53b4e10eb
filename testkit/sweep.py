"""One round of the sweeper, as housekeeping runs it."""

from __future__ import annotations

from tracking_service.recording.sweeper import Sweeper


def sweep(sweeper: Sweeper) -> int:
    """Close what is silent and return in how many sessions it was."""
    silent = sweeper.find_silent()
    sweeper.close(silent)
    return len(silent)
