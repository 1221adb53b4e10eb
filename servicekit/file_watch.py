"""Notices that files have changed, so that keys and certificates are replaced without a restart."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

#: A change counts within this time. Looking costs some microseconds.
POLL_INTERVAL_SECONDS = 1.0


class FileWatch:
    """Compares what the file system says about files with what it said before.

    It looks instead of being told, because that works for every way in which files are replaced (in place, by renaming,
    by another target of a link) and on every file system.
    """

    def __init__(self, files: Iterable[Path]) -> None:
        """Later changes are those since now."""
        self._files = tuple(files)
        self._seen = self._look()

    @property
    def names(self) -> list[str]:
        """The paths of the files, for logs."""
        return [str(file) for file in self._files]

    def has_changed(self) -> bool:
        """Return whether a file has changed since the last call."""
        seen, self._seen = self._seen, self._look()
        return seen != self._seen

    async def until_changed(self) -> None:
        """Return when a file has changed."""
        # The files may be on a network mount, so the event loop must not wait for them.
        while not await asyncio.to_thread(self.has_changed):  # noqa: ASYNC110 - files set no event of ours
            await asyncio.sleep(POLL_INTERVAL_SECONDS)

    def _look(self) -> list[tuple[int, int, int] | None]:
        return [_state(file) for file in self._files]


def _state(file: Path) -> tuple[int, int, int] | None:
    """Return what differs between two versions of a file; None if it is not there."""
    with suppress(OSError):
        status = file.stat()
        return status.st_mtime_ns, status.st_size, status.st_ino
    return None
