"""Ends a server that was left behind: `python -m development.leftovers DIRECTORY`.

Whoever runs a server for a while may be killed (SIGKILL), and then ends nothing. A process that waits for that does.
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

#: Waits for a line, and becomes the command where there is none: at the end of whoever was to write it. A shell costs
#: next to nothing while it waits.
_WAIT = 'read -r _ || exec "$@"'


@contextmanager
def removed_with_us(directory: Path) -> Iterator[None]:
    """Within the block, let the server in `directory`/data end, and `directory` go, if this process is killed."""
    command = ["sh", "-c", _WAIT, "sh", sys.executable, "-m", "development.leftovers", str(directory)]
    # In a session of its own, for whoever kills a whole process group means to leave nothing behind either.
    watchdog = subprocess.Popen(command, stdin=subprocess.PIPE, cwd=ROOT, start_new_session=True)
    try:
        yield
    finally:
        watchdog.communicate(b"\n")


def main() -> None:
    """Kill the server and remove its directory."""
    parser = argparse.ArgumentParser(prog="python -m development.leftovers", description=__doc__)
    parser.add_argument("directory", type=Path)
    directory = parser.parse_args().directory
    EmbeddedPostgres(directory / "data").kill()
    shutil.rmtree(directory)


if __name__ == "__main__":
    main()
