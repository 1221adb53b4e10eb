"""Run the attendance service: `python -m attendance_service`."""

from __future__ import annotations

import argparse
import sys

import uvloop

from attendance_service.app import AttendanceApp
from attendance_service.settings import AttendanceSettings
from servicekit import logs
from servicekit.auth.keys import KeysInvalid
from servicekit.database.migration.history import DatabaseNotMigrated
from servicekit.errors import StorageUnavailable
from servicekit.rpc.server import until_stopped
from servicekit.settings import load


async def serve(settings: AttendanceSettings) -> None:
    """Serve until SIGTERM or SIGINT."""
    app = AttendanceApp(settings)
    await app.start()
    await until_stopped(app.stop)


def main() -> None:
    """Read the settings from the environment and serve."""
    argparse.ArgumentParser(prog="python -m attendance_service", description=__doc__).parse_args()
    settings = load(AttendanceSettings)
    logs.configure("attendance_service", settings.log_level)
    try:
        uvloop.run(serve(settings))
    except (KeysInvalid, DatabaseNotMigrated) as error:
        sys.exit(str(error))
    except StorageUnavailable as error:
        sys.exit(f"The database can't be reached; check DATABASE_URL. {error.__cause__}")


if __name__ == "__main__":
    main()
