"""Check the health of a gRPC server, for containers and for `make up`."""

from __future__ import annotations

import argparse
import asyncio
import sys

from grpc import aio
from grpc_health.v1 import health_pb2, health_pb2_grpc

#: A healthy server answers at once, and the caller checks again soon.
PROBE_TIMEOUT_SECONDS = 3.0


async def is_serving(address: str, service: str) -> bool:
    """Return whether the service at `address` reports SERVING; False also if there is no answer."""
    request = health_pb2.HealthCheckRequest(service=service)
    async with aio.insecure_channel(address) as channel:
        try:
            check = health_pb2_grpc.HealthStub(channel).Check  # type: ignore[attr-defined] # its type stub is empty
            response = await check(request, timeout=PROBE_TIMEOUT_SECONDS)
        except aio.AioRpcError:
            return False
    return bool(response.status == health_pb2.HealthCheckResponse.SERVING)


def main() -> None:
    """Exit with 0 if the service is SERVING, else with 1."""
    parser = argparse.ArgumentParser(prog="python -m servicekit.rpc.probe", description=__doc__)
    parser.add_argument("address", help="host:port of the server")
    parser.add_argument("service", help="full name of the gRPC service")
    chosen = parser.parse_args()
    if not asyncio.run(is_serving(chosen.address, chosen.service)):
        sys.exit(f"{chosen.service} at {chosen.address} is not serving")


if __name__ == "__main__":
    main()
