"""The container health check: ask a presence socket whether it accepts sockets; by mutual TLS if that is set."""

from __future__ import annotations

import argparse
import http.client
import ssl
import sys

from gateway.presence_socket.admission import HEALTH_PATH
from servicekit.settings import TransportSettings, load
from servicekit.tls.certificates import TlsInvalid
from servicekit.tls.mutual import mutual_client_context

#: A healthy server answers at once, and the check is repeated soon.
TIMEOUT_SECONDS = 3.0


def is_healthy(address: str, tls: ssl.SSLContext | None = None) -> bool:
    """Return whether the presence socket at `address` (host:port) accepts sockets; False also if nothing answers."""
    connection = (
        http.client.HTTPConnection(address, timeout=TIMEOUT_SECONDS)
        if tls is None
        else http.client.HTTPSConnection(address, timeout=TIMEOUT_SECONDS, context=tls)
    )
    try:
        connection.request("GET", HEALTH_PATH)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def main() -> None:
    """Exit with 0 if it is healthy, else with 1."""
    parser = argparse.ArgumentParser(prog="python -m gateway.presence_socket.healthcheck", description=__doc__)
    parser.add_argument("address", help="host:port of the presence socket")
    address = parser.parse_args().address
    files = load(TransportSettings).mutual_tls
    try:
        tls = None if files is None else mutual_client_context(files)
    except TlsInvalid as error:
        sys.exit(str(error))
    if not is_healthy(address, tls):
        sys.exit(f"the presence socket at {address} is not healthy")


if __name__ == "__main__":
    main()
