"""The three ways to make a call: REST and gRPC through the gateway, and gRPC to the services' own ports."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import grpc
import httpx
from google.api import annotations_pb2
from google.protobuf import json_format
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc import error_details_pb2, status_pb2

from servicekit.rpc.status import STATUS_DETAILS_KEY

#: Generous: only a broken service takes so long.
TIMEOUT_SECONDS = 60.0
_ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"

Headers = dict[str, str]
#: Makes a call, and returns the reason of its refusal; empty: it was not refused.
Door = Callable[[MethodDescriptor, Message, Headers], str]


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Where everything listens."""

    gateway: str
    gateway_port: int
    tracking: str
    attendance: str

    def of(self, method: MethodDescriptor) -> str:
        """Return the address of the service that has a method."""
        return self.attendance if method.containing_service.name == "AttendanceService" else self.tracking


def has_rest_path(method: MethodDescriptor) -> bool:
    return bool(method.GetOptions().HasExtension(annotations_pb2.http))


@contextmanager
def rest(gateway: str) -> Iterator[Door]:
    """REST through the gateway."""
    with httpx.Client(base_url=f"http://{gateway}", timeout=TIMEOUT_SECONDS) as client:
        yield partial(_call_rest, client)


def _call_rest(client: httpx.Client, method: MethodDescriptor, request: Message, headers: Headers) -> str:
    rule = method.GetOptions().Extensions[annotations_pb2.http]
    verb = str(rule.WhichOneof("pattern"))
    fields = json_format.MessageToDict(request, preserving_proto_field_name=True)
    path = re.sub(r"{(\w+)}", lambda match: str(fields.pop(match[1], 0)), str(getattr(rule, verb)))
    sent: dict[str, Any] = {"json": fields} if rule.body else {"params": fields}
    # Of a stream, the beginning is enough.
    with client.stream(verb.upper(), path, headers=headers, **sent) as answer:
        if answer.status_code == httpx.codes.OK:
            return ""
        answer.read()
    infos = [detail for detail in answer.json()["details"] if detail["@type"] == _ERROR_INFO]
    return str(infos[0]["reason"])


@contextmanager
def grpc_door(address_of: Callable[[MethodDescriptor], str]) -> Iterator[Door]:
    """Native gRPC to the address for a method."""
    with ExitStack() as opened:
        channels: dict[str, grpc.Channel] = {}

        def call(method: MethodDescriptor, request: Message, headers: Headers) -> str:
            address = address_of(method)
            if address not in channels:
                channels[address] = opened.enter_context(grpc.insecure_channel(address))
            try:
                _send(channels[address], method, request, tuple(headers.items()))
            except grpc.RpcError as error:
                return _reason(error)
            return ""

        yield call


def _send(
    channel: grpc.Channel, method: MethodDescriptor, request: Message, metadata: tuple[tuple[str, str], ...]
) -> None:
    path = f"/{method.containing_service.full_name}/{method.name}"
    serialize, parse = type(request).SerializeToString, GetMessageClass(method.output_type).FromString
    options: dict[str, Any] = {"metadata": metadata, "timeout": TIMEOUT_SECONDS}
    if method.client_streaming:
        stream: Any = channel.stream_stream(path, serialize, parse)(iter([request]), **options)
        next(stream)
        stream.cancel()
    elif method.server_streaming:
        answers: Any = channel.unary_stream(path, serialize, parse)(request, **options)
        next(answers)
        answers.cancel()
    else:
        channel.unary_unary(path, serialize, parse)(request, **options)


def _reason(error: Any) -> str:  # noqa: ANN401 - an RpcError is a call as well, which its type does not say
    """Return the reason; the gateway's own refusals have only a code."""
    packed = dict(error.trailing_metadata() or ()).get(STATUS_DETAILS_KEY)
    if packed is None:
        return str(error.code().name)
    info = error_details_pb2.ErrorInfo()
    assert status_pb2.Status.FromString(packed).details[0].Unpack(info)
    return str(info.reason)
