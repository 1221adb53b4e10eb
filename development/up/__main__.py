"""Run the whole product on this machine until Ctrl-C.

An embedded PostgreSQL (or the one of DATABASE_URL), the migrations, both services, the presence socket, Envoy in front
of them, and demo data if the database has no users. Ports: GATEWAY_PORT, TRACKING_PORT, ATTENDANCE_PORT, SOCKET_PORT.
MONITORING=1 shows the metrics of every process, and runs a Prometheus with our alerts and an Alertmanager, where
they are installed.
Variables may also be set in `.env`; each is explained in .env.example. Logs are in .state/logs; warnings are shown on
the terminal as well.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from contextlib import ExitStack, suppress

from development.environment import DevelopmentSettings, make_state_directory, read_dotenv
from development.postgres import EmbeddedPostgres
from development.up.lockfile import AlreadyRunning, locked
from development.up.stack import PortsTaken, Stack, ports_by_variable, require_free
from development.up.supervisor import StartFailed, Supervisor
from development.up.terminal import summary
from servicekit.settings import load

#: SIGHUP comes when the terminal is closed.
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(stack_type: type[Stack] = Stack) -> None:
    """Run; exit status 0 after Ctrl-C or SIGTERM, 1 with a reason if something did not start or ended by itself."""
    argparse.ArgumentParser(prog="make up", description=__doc__).parse_args()
    read_dotenv()
    settings = load(DevelopmentSettings)
    make_state_directory(settings.state_directory)
    try:
        with locked(settings.state_directory):
            require_free(ports_by_variable(settings))
            # A file that a killed run left would be taken for that of the server that starts now.
            settings.database_url_file.unlink(missing_ok=True)
            sys.exit(asyncio.run(_run(settings, stack_type)))
    except (AlreadyRunning, PortsTaken) as reason:
        sys.exit(str(reason))


async def _run(settings: DevelopmentSettings, stack_type: type[Stack]) -> int:
    stop_requested = asyncio.Event()
    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stop_requested.set)
    supervisor = Supervisor(settings.state_directory / "logs", _show)
    with ExitStack() as temporary:
        stack = stack_type(supervisor, settings, _show, temporary)
        work = asyncio.create_task(_work(supervisor, stack, settings))
        stop = asyncio.create_task(stop_requested.wait())
        try:
            await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                work.result()
        except StartFailed as reason:
            _show(str(reason))
            return 1
        else:
            return 0
        finally:
            await _stop(supervisor, work, settings)


async def _work(supervisor: Supervisor, stack: Stack, settings: DevelopmentSettings) -> None:
    _show(summary(settings, await stack.start()))
    await supervisor.watch()


async def _stop(supervisor: Supervisor, work: asyncio.Task[None], settings: DevelopmentSettings) -> None:
    _show("Stopping ...")
    work.cancel()
    await asyncio.wait({work})
    await supervisor.stop()
    if (settings.state_directory / "postgres").exists():
        # It still runs if its supervising process, development.up.database, was killed.
        EmbeddedPostgres(settings.state_directory / "postgres").stop()
    _show("Stopped.")


def _show(text: str) -> None:
    # The terminal may have been closed; everything must be stopped all the same.
    with suppress(OSError):
        print(text, flush=True)


if __name__ == "__main__":
    main()
