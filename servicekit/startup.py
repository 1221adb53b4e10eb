"""Runs a service until it is stopped, and ends the process with a plain message if it can't start."""

from __future__ import annotations

import sys
from collections.abc import Coroutine

import uvloop

from servicekit.auth.keys import KeysInvalid
from servicekit.database.migration.history import DatabaseNotMigrated
from servicekit.errors import StorageUnavailable
from servicekit.metrics.server import MetricsNotShown
from servicekit.tls.certificates import TlsInvalid


def run_service(serve: Coroutine[None, None, None]) -> None:
    """Run a service's coroutine on an event loop of its own."""
    try:
        uvloop.run(serve)
    except (KeysInvalid, TlsInvalid, DatabaseNotMigrated, MetricsNotShown) as error:
        sys.exit(str(error))
    except StorageUnavailable as error:
        sys.exit(f"The database can't be reached; check DATABASE_URL. {error.__cause__}")
