"""Let Envoy finish running calls before it is stopped, because on SIGTERM it drops all calls at once.

From now on /healthz returns 503, so that balancers send no more calls, and connections are closed after their current
call. Where no balancer heeds that, clients come back at once and there is always a call: with --refuse-connections they
are refused until Envoy is started again. This command returns when no call is left or the limit is reached. It does not
wait for streams and sockets, which last for hours. Then send SIGTERM: they are closed and resume at another gateway.
"""

from __future__ import annotations

import argparse
import http.client
import json
import socket
import sys
import time
from pathlib import Path

from gateway.configure import ADMIN_SOCKET

#: No unary call takes longer (GATEWAY_TIMEOUT_SECONDS), so waiting longer is of no use.
DEFAULT_LIMIT_SECONDS = 10.0
POLL_INTERVAL_SECONDS = 0.1
ADMIN_TIMEOUT_SECONDS = 5.0
#: Calls, streams and sockets.
_ACTIVE = "http.gateway.downstream_rq_active"
_SOCKETS = "http.gateway.downstream_cx_upgrades_active"
#: Envoy counts how many streams it would take yet: they alone have this priority (gateway/envoy.yaml).
_STREAMS_LEFT = "cluster.tracking.circuit_breakers.high.remaining_rq"
MAX_STREAMS = 100_000


def main() -> None:
    """Drain the Envoy of a directory; the exit status is 1 if calls still run."""
    parser = argparse.ArgumentParser(
        prog="python -m gateway.drain", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("directory", type=Path, metavar="DIRECTORY", help="as given to python -m gateway.configure")
    parser.add_argument("--limit", type=float, default=DEFAULT_LIMIT_SECONDS, metavar="SECONDS", help="default: 10")
    parser.add_argument(
        "--refuse-connections", action="store_true", help="for a gateway without a balancer that heeds /healthz"
    )
    arguments = parser.parse_args()
    try:
        left = drain(
            arguments.directory, limit_seconds=arguments.limit, refuse_connections=arguments.refuse_connections
        )
    except OSError as error:
        sys.exit(f"Envoy can't be reached in {arguments.directory}: {error}")
    if left:
        sys.exit(f"{left} calls are still running")


def drain(directory: Path, *, limit_seconds: float = DEFAULT_LIMIT_SECONDS, refuse_connections: bool = False) -> int:
    """Wait for running calls and return how many are left; OSError if no Envoy uses this directory."""
    path = directory.resolve() / ADMIN_SOCKET
    _ask(path, "POST", "/healthcheck/fail")
    if refuse_connections:
        _ask(path, "POST", "/drain_listeners")
    deadline = time.monotonic() + limit_seconds
    while (left := _active_calls(path)) and time.monotonic() < deadline:
        time.sleep(POLL_INTERVAL_SECONDS)
    return left


def _active_calls(path: Path) -> int:
    answer = _ask(path, "GET", f"/stats?format=json&filter=^({_ACTIVE}|{_SOCKETS}|{_STREAMS_LEFT})$")
    counted = {count["name"]: int(count["value"]) for count in json.loads(answer)["stats"] if "name" in count}
    # An Envoy with the configuration of an earlier version does not count streams apart.
    streams = MAX_STREAMS - counted.get(_STREAMS_LEFT, MAX_STREAMS)
    return counted[_ACTIVE] - counted[_SOCKETS] - streams


def _ask(path: Path, method: str, target: str) -> str:
    connection = _AdminConnection(path)
    try:
        connection.request(method, target)
        return connection.getresponse().read().decode()
    finally:
        connection.close()


class _AdminConnection(http.client.HTTPConnection):
    """HTTP over Envoy's admin socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("admin", timeout=ADMIN_TIMEOUT_SECONDS)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket instead of a host."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


if __name__ == "__main__":
    main()
