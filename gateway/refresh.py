"""Give Envoy new keys and certificates whenever their files change, until this process is stopped.

Run it beside Envoy, with the settings and the directory that python -m gateway.configure had. Without it Envoy keeps
what it has until that command is run again. Keys that have expired are taken away.
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
from servicekit.tls.certificates import TlsInvalid

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
    faults: dict[str, str] = {}
    while True:
        for name in secrets.names:
            fault = _write(secrets, name)
            if fault and fault != faults.get(name):
                _log.error("Envoy keeps what it has, because a new file is not valid: %s", fault)
            faults[name] = fault
        time.sleep(POLL_INTERVAL_SECONDS)


def _write(secrets: EnvoySecrets, name: str) -> str:
    """Write a file if it has to change; return what is wrong, or nothing."""
    try:
        if secrets.write(name):
            _log.info("wrote a file for Envoy", extra={"file": name})
    except (KeysInvalid, TlsInvalid, OSError) as error:
        return str(error)
    return ""


if __name__ == "__main__":
    main()
