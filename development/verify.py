"""Verify the ledger of DATABASE_URL, else of the database that `make up` runs (ARGS=--help explains)."""

from __future__ import annotations

import os
import subprocess
import sys

from development.environment import ROOT, DevelopmentSettings, read_dotenv, running_database
from servicekit.settings import load


def main() -> None:
    """Run the service's command with the arguments of this one."""
    read_dotenv()
    command = [sys.executable, "-m", "attendance_service.verify", *sys.argv[1:]]
    asks_for_help = {"-h", "--help"} & set(sys.argv[1:])
    database_url = "" if asks_for_help else running_database(load(DevelopmentSettings))
    environment = {**os.environ, "DATABASE_URL": database_url}
    sys.exit(subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode)


if __name__ == "__main__":
    main()
