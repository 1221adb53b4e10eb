"""Totals of tutors' whiteboard sessions, for the attendance service's report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from servicekit.clock import Instant, to_datetime
from servicekit.database.engine import Database
from servicekit.identifiers import UserId
from tracking_service.folding.fold import Folder
from tracking_service.store import engagement
from tracking_service.store.engagement import TutorEngagement


class EngagementRequest(NamedTuple):
    """Which tutors to report on, over sessions scheduled in a time range (None: no limit)."""

    #: Empty: all tutors.
    tutor_ids: frozenset[UserId]
    scheduled_from: Instant | None
    scheduled_before: Instant | None
    #: Only tutors with higher ids are reported.
    after: UserId
    #: At most so many; None: all.
    size: int | None


class Engagement(NamedTuple):
    """Averages per tutor."""

    tutors: Sequence[TutorEngagement]
    #: Everything that was recorded before is in them.
    as_of: Instant


class EngagementQuery:
    """Answers ListTutorEngagement. Blocking."""

    def __init__(self, database: Database, folder: Folder, *, zone: ZoneInfo) -> None:
        """`zone` is that of schedules without one."""
        self._database = database
        self._folder = folder
        self._zone = zone

    def get(self, request: EngagementRequest) -> Engagement:
        """Return the averages per tutor, in the order of their ids; tutors without a completed session are missing."""
        start, end = request.scheduled_from, request.scheduled_before
        as_of = self._folder.fold_if_little()
        with self._database.transaction() as connection:
            tutors = engagement.load(
                connection,
                request.tutor_ids,
                scheduled_from=None if start is None else to_datetime(start),
                scheduled_before=None if end is None else to_datetime(end),
                zone=self._zone.key,
                after=request.after,
                size=request.size,
            )
        return Engagement(tutors, as_of)
