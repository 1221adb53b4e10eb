"""Run the attendance service: `python -m attendance_service`."""

from __future__ import annotations

import argparse

from attendance_service.app import AttendanceApp
from attendance_service.settings import AttendanceSettings
from servicekit import logs
from servicekit.rpc.server import until_stopped
from servicekit.settings import load
from servicekit.startup import run_service


async def serve(settings: AttendanceSettings) -> None:
    """Serve until SIGTERM or SIGINT."""
    app = AttendanceApp(settings)
    await app.start()
    await until_stopped(app.stop, app.vital)


def main() -> None:
    """Read the settings from the environment and serve."""
    argparse.ArgumentParser(prog="python -m attendance_service", description=__doc__).parse_args()
    settings = load(AttendanceSettings)
    logs.configure("attendance_service", settings.log_level)
    run_service(serve(settings))


if __name__ == "__main__":
    main()
