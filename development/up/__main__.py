"""Run the whole product on this machine until Ctrl-C.

An embedded PostgreSQL (or the one of DATABASE_URL), the migrations, both services, the presence socket, Envoy in front
of them, and demo data if the database has no users. Ports: GATEWAY_PORT, TRACKING_PORT, ATTENDANCE_PORT, SOCKET_PORT.
Variables may stand in `.env`; each is explained in .env.example. Logs are in .state/logs; warnings come to the terminal
as well.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from contextlib import suppress

from development.environment import DevelopmentSettings, make_state_directory, read_dotenv
from development.postgres import EmbeddedPostgres
from development.up.exclusive import AlreadyRunning, exclusive
from development.up.ports import PortsTaken, ports_by_variable, require_free
from development.up.stack import Stack
from development.up.summary import summary
from development.up.supervisor import StartFailed, Supervisor
from servicekit.settings import load

#: A closed terminal ends it like Ctrl-C.
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> None:
    """Run; exit status 0 after Ctrl-C or SIGTERM, 1 with a reason if something did not start or ended by itself."""
    argparse.ArgumentParser(prog="make up", description=__doc__).parse_args()
    read_dotenv()
    settings = load(DevelopmentSettings)
    make_state_directory(settings.state_directory)
    try:
        with exclusive(settings.state_directory):
            require_free(ports_by_variable(settings))
            # One that was left over would be taken for that of the server that is about to start.
            settings.database_url_file.unlink(missing_ok=True)
            sys.exit(asyncio.run(_run(settings)))
    except (AlreadyRunning, PortsTaken) as reason:
        sys.exit(str(reason))


async def _run(settings: DevelopmentSettings) -> int:
    asked_to_stop = asyncio.Event()
    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, asked_to_stop.set)
    supervisor = Supervisor(settings.state_directory / "logs", _say)
    work = asyncio.create_task(_work(supervisor, settings))
    stop = asyncio.create_task(asked_to_stop.wait())
    try:
        await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            work.result()
    except StartFailed as reason:
        _say(str(reason))
        return 1
    else:
        return 0
    finally:
        await _stop(supervisor, work, settings)


async def _work(supervisor: Supervisor, settings: DevelopmentSettings) -> None:
    with Stack(supervisor, settings, _say) as stack:
        _say(summary(settings, await stack.start()))
        await supervisor.watch()


async def _stop(supervisor: Supervisor, work: asyncio.Task[None], settings: DevelopmentSettings) -> None:
    _say("Stopping ...")
    work.cancel()
    await asyncio.wait({work})
    await supervisor.stop()
    if (settings.state_directory / "postgres").exists():
        # Usually it has stopped by now; it has not if the process that looked after it was killed.
        EmbeddedPostgres(settings.state_directory / "postgres").stop()
    _say("Stopped.")


def _say(text: str) -> None:
    # A terminal that was closed can't be told anything, and stopping goes on.
    with suppress(OSError):
        print(text, flush=True)


if __name__ == "__main__":
    main()
