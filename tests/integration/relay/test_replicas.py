"""Containers and Kubernetes give all replicas of the tracking service one name; streams are spread over them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from grpc import aio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from heartbeat_relay.call import Endpoint
from testkit.name_server import running_name_server


class Replica(health.aio.HealthServicer):
    """Remembers whether a connection reached it."""

    def __init__(self) -> None:
        super().__init__()
        self.was_reached = False

    async def Check(  # noqa: N802 - gRPC's name
        self, request: health_pb2.HealthCheckRequest, context: aio.ServicerContext[Any, Any]
    ) -> health_pb2.HealthCheckResponse:
        self.was_reached = True
        return await super().Check(request, context)


async def test_connections_reach_all_addresses_of_a_name() -> None:
    first, second = Replica(), Replica()
    with running_name_server() as names:
        names.addresses = ("127.0.0.2", "127.0.0.3")
        async with serving(first, "127.0.0.2:0") as port, serving(second, f"127.0.0.3:{port}"):
            endpoint = Endpoint(target=names.target(port), credentials=None)
            # Without the option this never ends, because all connections lead to the first.
            while not (first.was_reached and second.was_reached):
                async with endpoint.channel() as channel:
                    check = health_pb2_grpc.HealthStub(channel).Check  # type: ignore[attr-defined] # its type stub is empty
                    await check(health_pb2.HealthCheckRequest(), wait_for_ready=True)


@asynccontextmanager
async def serving(replica: Replica, address: str) -> AsyncIterator[int]:
    server = aio.server()
    health_pb2_grpc.add_HealthServicer_to_server(replica, server)
    port = server.add_insecure_port(address)
    await server.start()
    yield port
    await server.stop(None)
