"""Run the presence socket: `python -m gateway.presence_socket`."""

from __future__ import annotations

import argparse
import gc
import resource
import sys

import uvloop

from gateway.presence_socket.app import PresenceSocketApp
from gateway.presence_socket.settings import PresenceSocketSettings
from servicekit import logs
from servicekit.auth.keys import KeysInvalid
from servicekit.rpc.server import until_stopped
from servicekit.settings import load

#: Sockets live long and are many: looking through them every 700 new values, as Python does, costs more than it finds.
ALLOCATIONS_PER_COLLECTION = 50_000


async def serve(settings: PresenceSocketSettings) -> None:
    """Serve until SIGTERM or SIGINT."""
    app = PresenceSocketApp(settings)
    await app.start()
    gc.freeze()
    gc.set_threshold(ALLOCATIONS_PER_COLLECTION)
    await until_stopped(app.stop, app.vital)


def main() -> None:
    """Read the settings from the environment and serve."""
    argparse.ArgumentParser(prog="python -m gateway.presence_socket", description=__doc__).parse_args()
    settings = load(PresenceSocketSettings)
    logs.configure("presence_socket", settings.log_level)
    _take_file_descriptors()
    try:
        uvloop.run(serve(settings))
    except KeysInvalid as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(f"Nothing can listen on port {settings.socket_port}: {error.strerror}")


def _take_file_descriptors() -> None:
    """Take as many as the system allows: each socket is one, and shells begin with 1,024."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


if __name__ == "__main__":
    main()
