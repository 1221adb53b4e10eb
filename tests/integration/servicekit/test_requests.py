"""What a service does with bytes that are no request, and with requests that contradict themselves."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc import error_details_pb2
from grpc import StatusCode, aio
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

from astegni.attendance.v1 import attendance_pb2
from astegni.tracking.v1 import tracking_pb2
from servicekit.auth.keys import load_keys
from servicekit.auth.verifier import TokenVerifier
from servicekit.clock import SystemClock
from servicekit.rpc.interceptor import CallInterceptor
from servicekit.rpc.server import Server
from testkit.grpc_errors import details, reason, refusal
from testkit.tokens import SECRET, metadata, token

SERVICES = [
    service
    for file in (tracking_pb2.DESCRIPTOR, attendance_pb2.DESCRIPTOR)
    for service in file.services_by_name.values()
]
UNARY = [method for service in SERVICES for method in service.methods if not method.client_streaming]
EACH_METHOD = pytest.mark.parametrize("method", UNARY, ids=lambda method: method.name)
HEALTH: Any = health_pb2.DESCRIPTOR.services_by_name["Health"]
UNREADABLE = b"\xff\xff\xff"
REFUSED = (StatusCode.INVALID_ARGUMENT, "REQUEST_UNREADABLE")
TOKEN = metadata(token(101, "tutor"))
NO_TOKEN: tuple[tuple[str, str], ...] = ()


def handler(method: MethodDescriptor) -> grpc.RpcMethodHandler[Any, Any]:
    """Answer with an empty message, as long as the request can be read."""

    async def unary(_request: Message, _context: object) -> Message:
        return GetMessageClass(method.output_type)()

    async def stream(_request: Message, context: aio.ServicerContext[Any, Any]) -> None:
        await context.write(GetMessageClass(method.output_type)())

    make: Any = grpc.unary_stream_rpc_method_handler if method.server_streaming else grpc.unary_unary_rpc_method_handler
    made: grpc.RpcMethodHandler[Any, Any] = make(
        stream if method.server_streaming else unary,
        request_deserializer=GetMessageClass(method.input_type).FromString,
        response_serializer=lambda message: message.SerializeToString(),
    )
    return made


def register(service: ServiceDescriptor, server: Any) -> None:  # noqa: ANN401 - as in generated code
    """Serve the unary methods of a service."""
    handlers = {method.name: handler(method) for method in service.methods if method in UNARY}
    server.add_registered_method_handlers(service.full_name, handlers)


@pytest.fixture
async def channel() -> AsyncIterator[aio.Channel]:
    interceptor = CallInterceptor(TokenVerifier(load_keys(SECRET, None), SystemClock()), domain="test.astegni")
    server = Server("127.0.0.1:0", services=(), interceptors=[interceptor])
    for service in SERVICES:
        server.add(register, service)
    await server.start()
    async with aio.insecure_channel(f"127.0.0.1:{server.port}") as opened:
        yield opened
    await server.stop()


async def send(channel: aio.Channel, method: MethodDescriptor, data: bytes, call: tuple[tuple[str, str], ...]) -> None:
    path = f"/{method.containing_service.full_name}/{method.name}"
    if method.server_streaming:
        stream: Any = channel.unary_stream(path)
        async for _ in stream(data, metadata=call):
            pass
    else:
        unary: Any = channel.unary_unary(path)
        await unary(data, metadata=call)


@EACH_METHOD
async def test_bytes_that_are_no_request_are_an_invalid_argument(
    channel: aio.Channel, method: MethodDescriptor, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(aio.AioRpcError) as refused:
        await send(channel, method, UNREADABLE, TOKEN)
    assert refused.value.code() is StatusCode.INVALID_ARGUMENT
    assert reason(refused.value) == "REQUEST_UNREADABLE"
    assert "Error" not in str(refused.value.details())
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@EACH_METHOD
async def test_bytes_without_a_token_are_not_even_read(channel: aio.Channel, method: MethodDescriptor) -> None:
    assert await refusal(send(channel, method, UNREADABLE, NO_TOKEN)) == (StatusCode.UNAUTHENTICATED, "BEARER_MISSING")


@pytest.mark.parametrize("method", list(HEALTH.methods), ids=lambda method: method.name)
async def test_bytes_that_are_no_health_check_are_an_invalid_argument(
    channel: aio.Channel, method: MethodDescriptor, caplog: pytest.LogCaptureFixture
) -> None:
    assert await refusal(send(channel, method, UNREADABLE, NO_TOKEN)) == REFUSED
    assert caplog.records == []


async def test_health_and_reflection_need_no_token(channel: aio.Channel) -> None:
    await send(channel, HEALTH.methods_by_name["Check"], b"", NO_TOKEN)
    request = reflection_pb2.ServerReflectionRequest(list_services="")
    assert await reflected(channel, request.SerializeToString())


async def test_a_method_that_the_library_does_not_implement_is_reported_as_such(channel: aio.Channel) -> None:
    refused = await refusal(send(channel, HEALTH.methods_by_name["List"], b"", NO_TOKEN))
    assert refused == (StatusCode.UNIMPLEMENTED, "UNIMPLEMENTED")


async def test_bytes_that_are_no_question_about_reflection_are_an_invalid_argument(
    channel: aio.Channel, caplog: pytest.LogCaptureFixture
) -> None:
    assert await refusal(reflected(channel, UNREADABLE)) == REFUSED
    assert caplog.records == []


async def reflected(channel: aio.Channel, data: bytes) -> list[bytes]:
    reflect: Any = channel.stream_stream("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")
    return [answer async for answer in reflect(iter([data]))]


MARK = attendance_pb2.DESCRIPTOR.services_by_name["AttendanceService"].methods_by_name["MarkAttendance"]
FIVE, NINE = (attendance_pb2.MarkAttendanceRequest(session_id=number).SerializeToString() for number in (5, 9))


async def test_a_field_with_two_values_is_refused_by_its_name(channel: aio.Channel) -> None:
    # What the gateway sends if the path says 9 and the query 5.
    with pytest.raises(aio.AioRpcError) as refused:
        await send(channel, MARK, NINE + FIVE, TOKEN)
    [bad_request] = details(refused.value, error_details_pb2.BadRequest)
    assert [violation.field for violation in bad_request.field_violations] == ["session_id"]


async def test_a_field_with_the_same_value_twice_is_accepted(channel: aio.Channel) -> None:
    await send(channel, MARK, FIVE + FIVE, TOKEN)


async def test_a_repeated_field_may_have_several_values(channel: aio.Channel) -> None:
    apply = MARK.containing_service.methods_by_name["ApplySuggestions"]
    sessions = [attendance_pb2.SuggestionToApply(session_id=number) for number in (5, 9)]
    request = attendance_pb2.ApplySuggestionsRequest(session_ids=[5, 9], sessions=sessions)
    await send(channel, apply, request.SerializeToString(), TOKEN)
