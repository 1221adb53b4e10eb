"""Give Envoy new keys and certificates whenever their files change, until this process is stopped.

Run it beside Envoy, with the settings and the directory that python -m gateway.configure had. Without it Envoy keeps
what it has until that command is run again. Keys that have expired are taken away. Once a day it warns of certificates
that end soon.
"""

from __future__ import annotations

import argparse
import logging
import time
from functools import partial
from pathlib import Path
from typing import NoReturn

from gateway import transport
from gateway.envoy_secrets import EnvoySecrets
from gateway.settings import GatewaySettings
from servicekit import logs
from servicekit.auth.keys import KeysInvalid
from servicekit.file_watch import POLL_INTERVAL_SECONDS
from servicekit.settings import load
from servicekit.tls.certificates import TlsInvalid
from servicekit.tls.expiry import CertificateExpiry

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
    expiry = CertificateExpiry(
        partial(transport.certificate_ends, settings), warning_days=settings.tls_expiry_warning_days
    )
    _refresh(EnvoySecrets(settings, directory), expiry)


def _refresh(secrets: EnvoySecrets, expiry: CertificateExpiry) -> NoReturn:
    """Look every second; a fault is logged once, and Envoy keeps what it has."""
    faults: dict[str, str] = {}
    while True:
        for name in secrets.names:
            fault = _write(secrets, name)
            if fault and fault != faults.get(name):
                _log.error("Envoy keeps what it has, because a new file is not valid: %s", fault)
            faults[name] = fault
        expiry.look()
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
