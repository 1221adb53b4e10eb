"""The database that a developer's command means: DATABASE_URL, else the one that `make up` runs."""

from __future__ import annotations

import sys

from development.environment import DevelopmentSettings


def running_database(settings: DevelopmentSettings) -> str:
    """Return its URL, or end the process and say what to do."""
    if settings.database_url:
        return settings.database_url
    try:
        return settings.database_url_file.read_text()
    except FileNotFoundError:
        sys.exit("There is no database: set DATABASE_URL, or start the embedded one with `make up` in another shell.")
