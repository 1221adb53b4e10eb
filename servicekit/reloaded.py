"""Values that are made of files, and made again when the files change, so that nothing has to restart."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Generic, TypeVar

from servicekit.file_watch import FileWatch

_log = logging.getLogger(__name__)

_ValueT = TypeVar("_ValueT")


class Reloaded(Generic[_ValueT]):
    """Has the value of the files. While `run` runs, it follows their changes."""

    def __init__(self, files: Iterable[Path], make: Callable[[], _ValueT], *, faults: type[Exception]) -> None:
        """`make` reads the files, now and after each change; it may raise one of `faults`."""
        # Before the files are read, so that no change is missed.
        self._watch = FileWatch(files)
        self._make = make
        self._faults = faults
        self._current = make()

    @property
    def current(self) -> _ValueT:
        """The value; another object whenever the files have changed."""
        return self._current

    async def run(self) -> None:
        """Run until cancelled. Files that are not valid are logged, and the value stays as it is."""
        while True:
            await self._watch.until_changed()
            try:
                self._current = await asyncio.to_thread(self._make)
            except self._faults as error:
                _log.error("a file has changed and is not valid, so what was read before stays: %s", error)
            else:
                _log.info("files have changed and were read again", extra={"files": self._watch.names})
