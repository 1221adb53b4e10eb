"""An identity that does too much gets its answer late, and nobody else does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from grpc import StatusCode, aio
from grpc_health.v1.health_pb2 import HealthCheckRequest as Request

from servicekit.auth.keys import load_keys
from servicekit.auth.verifier import TokenVerifier
from servicekit.clock import SystemClock
from servicekit.errors import ResourceExhausted
from servicekit.rpc.interceptor import CallInterceptor
from servicekit.rpc.server import Server
from testkit.grpc_errors import refusal
from testkit.tokens import SECRET, metadata, token

#: What is asked for and answered does not matter.
Call = aio.UnaryUnaryMultiCallable[Request, Request]
METHOD = "/test.Limited/Call"
TOKEN = metadata(token(101, "tutor"))
GREEDY = Request(service="greedy")
MODEST = Request(service="modest")
SECONDS = 0.1
LONG = 3_600.0


class TooGreedy(ResourceExhausted):
    """This is too much."""

    reason = "TOO_GREEDY"
    answered_after_seconds = SECONDS


async def answer(request: Request, _context: object) -> Request:
    if request == GREEDY:
        raise TooGreedy(limit="test")
    return request


@pytest.fixture
def call(channel: aio.Channel) -> Call:
    called: Call = channel.unary_unary(METHOD, Request.SerializeToString, Request.FromString)
    return called


def register(handler: grpc.RpcMethodHandler[Any, Any], server: Any) -> None:  # noqa: ANN401 - as in generated code
    """Serve the only method."""
    server.add_registered_method_handlers("test.Limited", {"Call": handler})


@pytest.fixture
async def channel() -> AsyncIterator[aio.Channel]:
    interceptor = CallInterceptor(TokenVerifier(load_keys(SECRET, None), SystemClock()), domain="test.astegni")
    server = Server("127.0.0.1:0", services=(), interceptors=[interceptor])
    handler = grpc.unary_unary_rpc_method_handler(
        answer, request_deserializer=Request.FromString, response_serializer=Request.SerializeToString
    )
    server.add(register, handler)
    await server.start()
    async with aio.insecure_channel(f"127.0.0.1:{server.port}") as opened:
        yield opened
    await server.stop()


async def test_the_answer_comes_after_its_time(call: Call) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    assert await refusal(call(GREEDY, metadata=TOKEN)) == (
        StatusCode.RESOURCE_EXHAUSTED,
        "TOO_GREEDY",
    )
    assert loop.time() - began >= SECONDS


async def test_others_do_not_wait_for_it(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TooGreedy, "answered_after_seconds", LONG)
    held_back = call(GREEDY, metadata=TOKEN)
    assert await call(MODEST, metadata=TOKEN) == MODEST
    assert not held_back.done()
    held_back.cancel()
