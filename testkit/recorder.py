"""Appends and folds in one step, for tests of facts that do not care for what lies between."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from servicekit.clock import Clock
from servicekit.database.engine import Database
from tracking_service.domain.grouping import Grouping
from tracking_service.folding.fold import Folder
from tracking_service.recording.appender import Appender
from tracking_service.recording.submission import Outcome, Submission


class Recorder:
    """Writes submissions, and folds their sessions' groups."""

    def __init__(self, database: Database, clock: Clock, *, timeout: int) -> None:
        self.appender = Appender(database)
        self.folder = Folder(database, clock, timeout=timeout)

    def write(self, submissions: Sequence[Submission]) -> list[Outcome]:
        outcomes = self.appender.write(submissions)
        # To fold all groups takes ten times as long.
        self.folder.fold(_groups_of(submissions, self.folder.grouping()), skip_locked=False)
        return outcomes


def _groups_of(submissions: Sequence[Submission], grouping: Grouping) -> set[int]:
    """Return the groups of the sessions of which there are events."""
    plain = [grouping.groups_of(one.heartbeats.columns().keys).tolist() for one in submissions]
    sessions = {numbered.event.participant.session_id for one in submissions for numbered in one.events}
    return {*map(grouping.group_of, sessions), *chain.from_iterable(plain)}
