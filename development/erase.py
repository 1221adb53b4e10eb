"""Erase one person from the tables of both services (ARGS="--user 205"). It can't be undone.

The database is DATABASE_URL, else the one that `make up` runs. docs/operations.md#erasure says what comes before it.
"""

from __future__ import annotations

import os
import subprocess
import sys

from development.environment import ROOT, DevelopmentSettings, read_dotenv, running_database
from servicekit.personal_data.command import user_argument
from servicekit.settings import load

#: Attendance first: from then on it does not ask for the facts of these lessons any more.
_SERVICES = ("attendance_service", "tracking_service")


def main() -> None:
    """Erase the person, or end with the status of the service that could not."""
    user_id = user_argument("make erase", __doc__ or "", "Run `make export` before it, if the person wants their data.")
    read_dotenv()
    environment = {**os.environ, "DATABASE_URL": running_database(load(DevelopmentSettings))}
    for service in _SERVICES:
        command = [sys.executable, "-m", f"{service}.erase", "--user", str(user_id)]
        done = subprocess.run(command, cwd=ROOT, env=environment, check=False)
        if done.returncode != 0:
            sys.exit(done.returncode)


if __name__ == "__main__":
    main()
