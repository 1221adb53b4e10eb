"""What pg_dump says of a database."""

from __future__ import annotations

import subprocess

from development.postgres import EmbeddedPostgres

#: pg_dump guards its scripts with a random word that differs from run to run.
_RANDOM_LINES = ("\\restrict ", "\\unrestrict ")


def dump(server: EmbeddedPostgres, url: str, *tables: str) -> str:
    """Return schema, privileges and contents of these tables, of all without any."""
    selection = [f"--table={table}" for table in tables]
    output = subprocess.run(
        [server.program("pg_dump"), *selection, url], check=True, capture_output=True, text=True
    ).stdout
    return "\n".join(line for line in output.splitlines() if not line.startswith(_RANDOM_LINES))
