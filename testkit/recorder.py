"""Appends and folds in one step, for tests of facts that do not care for what lies between."""

from __future__ import annotations

from collections.abc import Sequence

from servicekit.clock import Clock
from servicekit.database.engine import Database
from tracking_service.folding.fold import Folder
from tracking_service.recording.appender import Appender
from tracking_service.recording.submission import Outcome, Submission


class Recorder:
    """Writes submissions, and folds them."""

    def __init__(self, database: Database, clock: Clock, *, timeout: int) -> None:
        self.appender = Appender(database)
        self.folder = Folder(database, clock, timeout=timeout)

    def write(self, submissions: Sequence[Submission]) -> list[Outcome]:
        outcomes = self.appender.write(submissions)
        self.folder.fold(skip_locked=False)
        return outcomes
