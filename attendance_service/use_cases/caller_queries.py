"""Who calls, as the platform knows them."""

from __future__ import annotations

from attendance_service.domain.caller import Caller, KnownCaller
from attendance_service.store.callers import CallerStore


class CallerQueries:
    """Answers what a page asks about the person who is signed in."""

    def __init__(self, *, callers: CallerStore) -> None:
        """Everything it calls is passed in."""
        self._callers = callers

    async def known(self, caller: Caller) -> KnownCaller:
        """Return what is known of the caller: nothing can be recorded in the name of a user who does not exist."""
        return await self._callers.known(caller)
