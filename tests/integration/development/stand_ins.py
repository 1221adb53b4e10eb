"""`make up` with stand-ins for its processes: `python -m tests.integration.development.stand_ins`.

Two processes that only wait and, if WITH_DATABASE is set, the real database before them. When a stand-in is asked to
stop, it appends its name to the file `stopped` in the state directory.
"""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path

from development.up.__main__ import main
from development.up.readiness import until_written
from development.up.stack import Stack
from development.up.supervisor import Command

NAMES = ("first", "second")
STOPPED = "stopped"
#: Arguments: its name, the file to write when it is ready, the file to write when it stops.
_WAIT = """
import pathlib, signal, sys
name, ready, stopped = sys.argv[1:]
def stop(*_):
    with open(stopped, "a") as file:
        file.write(name + "\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
print(f"this is the {name} one", flush=True)
pathlib.Path(ready).touch()
while True:
    signal.pause()
"""


class StandIns(Stack):
    """Starts processes that are ready at once."""

    async def start(self) -> str:
        if os.environ.get("WITH_DATABASE"):
            await self._start_database()
        directory = self._settings.state_directory
        for name in NAMES:
            ready = directory / f"{name}-ready"
            ready.unlink(missing_ok=True)
            arguments = (sys.executable, "-c", _WAIT, name, str(ready), str(directory / STOPPED))
            await self._supervisor.start(Command(name=name, arguments=arguments), partial(until_written, ready))
        return "postgresql://user@/database?host=nowhere"


def stopped(directory: Path) -> list[str]:
    """Return the names of the stand-ins that were asked to stop, in order."""
    file = directory / STOPPED
    return file.read_text().split() if file.exists() else []


if __name__ == "__main__":
    main(StandIns)
