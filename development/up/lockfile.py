"""The file that allows one `make up` per state directory, and holds its process id for `make down`."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE_NAME = "up.pid"


class AlreadyRunning(RuntimeError):
    """Another `make up` uses this state directory."""


@contextmanager
def locked(state_directory: Path) -> Iterator[None]:
    """Lock the state directory for this process; AlreadyRunning. The kernel unlocks it however the process ends."""
    with (state_directory / FILE_NAME).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise AlreadyRunning(
                f"`make up` runs here already (process {file.read()}); `make down` stops it"
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
        file.truncate(0)


def holder(state_directory: Path) -> int | None:
    """Return the process id of the `make up` that uses the state directory, or None."""
    try:
        file = (state_directory / FILE_NAME).open("r+")
    except FileNotFoundError:
        return None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            text = file.read()
            return int(text) if text else None
    return None
