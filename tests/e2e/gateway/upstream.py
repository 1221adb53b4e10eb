"""Stands in for both services behind a real Envoy: a gRPC server of the real contract, with answers of the tests."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message_factory import GetMessageClass
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from astegni.attendance.v1 import attendance_pb2
from astegni.tracking.v1 import tracking_pb2
from servicekit.errors import DomainError, NotFound
from servicekit.rpc.requests import read_request
from servicekit.rpc.status import STATUS_DETAILS_KEY, to_status

TRACKING = tracking_pb2.DESCRIPTOR.services_by_name["TrackingService"]
PRESENCE_QUERY = tracking_pb2.DESCRIPTOR.services_by_name["PresenceQueryService"]
ATTENDANCE = attendance_pb2.DESCRIPTOR.services_by_name["AttendanceService"]
SERVICES = (TRACKING, PRESENCE_QUERY, ATTENDANCE)
#: Streams hold a thread each; no test opens more than a few.
THREADS = 16

Answer = Callable[[Any, grpc.ServicerContext], Any]


class Upstream:
    """A gRPC server on a free port; calls without an answer fail as NOT_FOUND, like an id that does not exist."""

    def __init__(self) -> None:
        """Nothing listens before `start`."""
        self.answers: dict[str, Answer] = {}
        #: Of the last call.
        self.metadata: dict[str, str] = {}
        self.request: Any = None
        self.stopping = threading.Event()
        self._server = grpc.server(ThreadPoolExecutor(THREADS), options=(("grpc.so_reuseport", 0),))
        self._health = health.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        self._server.add_generic_rpc_handlers(tuple(self._handlers(service) for service in SERVICES))
        self.port = self._server.add_insecure_port("127.0.0.1:0")

    @property
    def address(self) -> str:
        """Where Envoy finds it."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listen, both services healthy."""
        self._server.start()
        for service in SERVICES:
            self.set_serving(service, serving=True)

    def stop(self) -> None:
        """Close everything at once."""
        self.stopping.set()
        self._server.stop(0).wait()

    def set_serving(self, service: ServiceDescriptor, *, serving: bool) -> None:
        """Report a service as healthy or not."""
        status = health_pb2.HealthCheckResponse.SERVING if serving else health_pb2.HealthCheckResponse.NOT_SERVING
        self._health.set(service.full_name, status)

    def _handlers(self, service: ServiceDescriptor) -> grpc.GenericRpcHandler:
        return grpc.method_handlers_generic_handler(
            service.full_name, {method.name: self._handler(method) for method in service.methods}
        )

    def _handler(self, method: MethodDescriptor) -> grpc.RpcMethodHandler[Any, Any]:
        make: Callable[..., grpc.RpcMethodHandler[Any, Any]] = {
            (False, False): grpc.unary_unary_rpc_method_handler,
            (False, True): grpc.unary_stream_rpc_method_handler,
            (True, True): grpc.stream_stream_rpc_method_handler,
        }[method.client_streaming, method.server_streaming]

        parse = GetMessageClass(method.input_type).FromString

        def behaviour(received: Any, context: grpc.ServicerContext) -> Any:  # noqa: ANN401 - any message of the contract
            self.metadata = {key: str(value) for key, value in context.invocation_metadata()}
            try:
                self.request = received if method.client_streaming else read_request(received, parse)
            except DomainError as error:
                fail(context, error)
            return self.answers.get(method.name, _nothing_there)(self.request, context)

        return make(
            behaviour,
            request_deserializer=parse if method.client_streaming else None,
            response_serializer=GetMessageClass(method.output_type).SerializeToString,
        )


def fail(context: grpc.ServicerContext, error: DomainError) -> None:
    """End the call the way the services do: one status with its details."""
    status = to_status(error, "test.astegni")
    code = next(code for code in grpc.StatusCode if code.value[0] == status.code)
    context.set_trailing_metadata(((STATUS_DETAILS_KEY, status.SerializeToString()),))
    context.abort(code, status.message)


def _nothing_there(_request: object, context: grpc.ServicerContext) -> None:
    fail(context, NotFound())
