"""Give Envoy new keys whenever their files change, and take expired ones away, until this process is stopped.

Run it beside Envoy, with the settings and the directory that python -m gateway.configure had. Without it Envoy keeps
the keys that it has until that command is run again.
"""

from __future__ import annotations

import argparse
import logging
import time
from pathlib import Path
from typing import NoReturn

from gateway.envoy_secrets import EnvoySecrets
from gateway.settings import GatewaySettings
from servicekit import logs
from servicekit.auth.keys import KeysInvalid
from servicekit.file_watch import POLL_INTERVAL_SECONDS
from servicekit.settings import load

_log = logging.getLogger(__name__)


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(
        prog="python -m gateway.refresh", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("directory", type=Path, metavar="DIRECTORY", help="as given to python -m gateway.configure")
    directory = parser.parse_args().directory.resolve()
    settings = load(GatewaySettings)
    logs.configure("gateway_refresh", "info")
    _refresh(EnvoySecrets(settings, directory))


def _refresh(secrets: EnvoySecrets) -> NoReturn:
    """Look every second; a fault is logged once, and Envoy keeps what it has."""
    fault = ""
    while True:
        try:
            for name in secrets.write():
                _log.info("wrote a file for Envoy", extra={"file": name})
            fault = ""
        except (KeysInvalid, OSError) as error:
            if str(error) != fault:
                _log.error("Envoy keeps what it has, because a new file is not valid: %s", error)
            fault = str(error)
        time.sleep(POLL_INTERVAL_SECONDS)


if __name__ == "__main__":
    main()
