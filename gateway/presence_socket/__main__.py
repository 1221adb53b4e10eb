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
from servicekit.metrics.server import MetricsNotShown
from servicekit.rpc.server import until_stopped
from servicekit.settings import load
from servicekit.tls.certificates import TlsInvalid

#: There are many sockets and they live long: a collection every 700 allocations, Python's default, costs more than it
#: frees.
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
    _raise_file_descriptor_limit()
    try:
        uvloop.run(serve(settings))
    except (KeysInvalid, TlsInvalid, MetricsNotShown) as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(f"Can't listen on port {settings.socket_port}: {error.strerror}")


def _raise_file_descriptor_limit() -> None:
    """Raise it to the hard limit: each socket needs one, and shells start with 1,024."""
    _, hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard_limit, hard_limit))


if __name__ == "__main__":
    main()
