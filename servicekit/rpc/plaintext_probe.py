"""The health check of containers: ask a gRPC server of this machine, without TLS, whether it is serving.

It asks what servicekit.rpc.probe asks. But it runs every few seconds in each container, where two thirds of that one's
processor time go into loading what settings and certificates need.
"""

from __future__ import annotations

import sys

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

#: A healthy server answers at once, and the caller checks again soon. The same as in servicekit.rpc.probe.
TIMEOUT_SECONDS = 3.0


def is_serving(address: str, service: str) -> bool:
    """Return whether the service at `address` (host:port) reports SERVING; False also if there is no answer."""
    request = health_pb2.HealthCheckRequest(service=service)
    with grpc.insecure_channel(address) as channel:
        check = health_pb2_grpc.HealthStub(channel).Check  # type: ignore[attr-defined] # its type stub is empty
        try:
            answer = check(request, timeout=TIMEOUT_SECONDS)
        except grpc.RpcError:
            return False
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


if __name__ == "__main__":
    if not is_serving(*sys.argv[1:3]):
        sys.exit(f"{sys.argv[2]} at {sys.argv[1]} is not serving")
