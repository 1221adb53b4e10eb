"""Notices of absence: people announce that they, or others, will not come (docs/decisions.md#announced-absences)."""

from __future__ import annotations

from datetime import tzinfo

from attendance_service.domain.absence_notices import AbsenceRequest, RecordedNotice, announce
from attendance_service.domain.caller import Caller
from attendance_service.store.absence_notices import AbsenceNoticeStore
from servicekit.clock import Clock, to_datetime


class AbsenceService:
    """Records notices."""

    def __init__(self, *, notices: AbsenceNoticeStore, clock: Clock, zone: tzinfo) -> None:
        """`zone` is the session time zone."""
        self._notices = notices
        self._clock = clock
        self._zone = zone

    async def announce(self, request: AbsenceRequest, caller: Caller) -> RecordedNotice:
        """Record the notice, unless the same is announced already, and return it.

        Raises the errors of `announce` (domain/absence_notices.py) and of `AbsenceNoticeStore.record`.
        """
        now = to_datetime(self._clock.now())
        return await self._notices.record(
            request.session_id, caller, lambda session: announce(request, session, caller, now=now, zone=self._zone)
        )
