"""Bring the tables of both services up to date: those of the tracking service first, because the others refer to them.

The database is DATABASE_URL, else the one that `make up` runs.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

from development.environment import ROOT, DevelopmentSettings, read_dotenv, running_database
from servicekit.settings import load

#: By their services, in the order in which they must run.
MIGRATIONS = {"tracking_service": "tracking_service.migrate", "attendance_service": "attendance_service.migrate"}


def main() -> None:
    """Run both migrations; if one fails, stop with its exit status."""
    argparse.ArgumentParser(prog="make migrate", description=__doc__).parse_args()
    read_dotenv()
    environment = {**os.environ, "DATABASE_URL": running_database(load(DevelopmentSettings))}
    for module in MIGRATIONS.values():
        done = subprocess.run([sys.executable, "-m", module], cwd=ROOT, env=environment, check=False)
        if done.returncode != 0:
            sys.exit(done.returncode)


if __name__ == "__main__":
    main()
