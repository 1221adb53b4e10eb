"""Committers that write to functions instead of a database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from tracking_service.ingest.group_commit import GroupCommitter, Write
from tracking_service.instruments.able_to_record import AbleToRecord
from tracking_service.recording.submission import Outcome, Submission, SubmissionStatus


def committed(submissions: Sequence[Submission]) -> list[Outcome]:
    """Commit everything."""
    return [Outcome(SubmissionStatus.COMMITTED) for _ in submissions]


@asynccontextmanager
async def running_committer(write: Write, able: AbleToRecord | None = None) -> AsyncIterator[GroupCommitter]:
    committer = GroupCommitter(write, able=able)
    task = asyncio.create_task(committer.run())
    yield committer
    committer.close()
    await task
