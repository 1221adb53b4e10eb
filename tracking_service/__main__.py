"""Run the tracking service: `python -m tracking_service`."""

from __future__ import annotations

import argparse
import sys

from servicekit import logs
from servicekit.rpc.server import until_stopped
from servicekit.settings import load
from servicekit.startup import run_service
from tracking_service.app import TrackingApp
from tracking_service.garbage_collection import collect_seldom
from tracking_service.settings import TrackingSettings

#: The writer's thread needs the interpreter after every response of PostgreSQL, five times a flush. With Python's own
#: 5 ms a flush would wait longer for the event loop's thread than for the database.
SWITCH_INTERVAL_SECONDS = 0.0005


async def serve(settings: TrackingSettings) -> None:
    """Serve until SIGTERM or SIGINT."""
    app = TrackingApp(settings)
    await app.start()
    sys.setswitchinterval(SWITCH_INTERVAL_SECONDS)
    collect_seldom()
    await until_stopped(app.stop, app.vital)


def main() -> None:
    """Read the settings from the environment and serve."""
    argparse.ArgumentParser(prog="python -m tracking_service", description=__doc__).parse_args()
    settings = load(TrackingSettings)
    logs.configure("tracking_service", settings.log_level)
    run_service(serve(settings))


if __name__ == "__main__":
    main()
