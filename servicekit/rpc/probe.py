"""Check the health of a gRPC server, for containers and for `make up`; by mutual TLS if its settings are set."""

from __future__ import annotations

import argparse
import asyncio
import sys

from grpc import aio
from grpc_health.v1 import health_pb2, health_pb2_grpc

from servicekit.settings import TransportSettings, load
from servicekit.tls.certificates import TlsInvalid
from servicekit.tls.mutual import Identity, open_channel, read_identity

#: A healthy server answers at once, and the caller checks again soon.
PROBE_TIMEOUT_SECONDS = 3.0
SERVING, NOT_SERVING = "SERVING", "NOT_SERVING"


async def is_serving(address: str, service: str, identity: Identity | None = None) -> bool:
    """Return whether the service at `address` reports SERVING; False also if there is no answer.

    `identity` is what a server with mutual TLS gets to see; None: it speaks plaintext.
    """
    return await health(address, service, identity) == SERVING


async def health(address: str, service: str, identity: Identity | None = None) -> str:
    """Return what the service reports, such as SERVING or NOT_SERVING, or else why there is no answer."""
    request = health_pb2.HealthCheckRequest(service=service)
    async with open_channel(address, identity) as channel:
        try:
            check = health_pb2_grpc.HealthStub(channel).Check  # type: ignore[attr-defined] # its type stub is empty
            response = await check(request, timeout=PROBE_TIMEOUT_SECONDS)
        except aio.AioRpcError as error:
            return error.details() or error.code().name
    return str(health_pb2.HealthCheckResponse.ServingStatus.Name(response.status))


def main() -> None:
    """Exit with 0 if the service is SERVING, else with 1."""
    parser = argparse.ArgumentParser(prog="python -m servicekit.rpc.probe", description=__doc__)
    parser.add_argument("address", help="host:port of the server")
    parser.add_argument("service", help="full name of the gRPC service")
    chosen = parser.parse_args()
    files = load(TransportSettings).mutual_tls
    try:
        identity = None if files is None else read_identity(files)
    except TlsInvalid as error:
        sys.exit(str(error))
    if not asyncio.run(is_serving(chosen.address, chosen.service, identity)):
        sys.exit(f"{chosen.service} at {chosen.address} is not serving")


if __name__ == "__main__":
    main()
