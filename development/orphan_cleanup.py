"""Kill a server whose owner was killed, and remove its directory: `python -m development.orphan_cleanup DIRECTORY`.

A process that is killed (SIGKILL) can't clean up, so another process waits for its end and does it.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from development.environment import ROOT
from development.postgres import EmbeddedPostgres

#: Waits for a line, and runs the command if standard input ends without one, because the owner was killed. A waiting
#: shell takes little memory.
_WAIT = 'read -r _ || exec "$@"'


@contextmanager
def cleaned_up_if_killed(directory: Path) -> Iterator[None]:
    """If this process is killed within the block, kill the server in `directory`/data and remove `directory`."""
    command = ["sh", "-c", _WAIT, "sh", sys.executable, "-m", "development.orphan_cleanup", str(directory)]
    # In a session of its own, so that it survives when the whole process group is killed.
    watchdog = subprocess.Popen(command, stdin=subprocess.PIPE, cwd=ROOT, start_new_session=True)
    try:
        yield
    finally:
        watchdog.communicate(b"\n")


def main() -> None:
    """Kill the server and remove its directory."""
    parser = argparse.ArgumentParser(prog="python -m development.orphan_cleanup", description=__doc__)
    parser.add_argument("directory", type=Path)
    directory = parser.parse_args().directory
    EmbeddedPostgres(directory / "data").kill()
    shutil.rmtree(directory)


if __name__ == "__main__":
    main()
