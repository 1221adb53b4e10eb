"""Puts something around the methods of a gRPC server."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeAlias

import grpc
from grpc import aio

# Its class has parameters in the type stubs alone.
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
#: What is entered before a call and left after it.
Surround = Callable[[aio.ServicerContext[Any, Any]], AbstractContextManager[None]]
Deserializer = Callable[[bytes], Any] | None

#: By whether requests and responses are streams.
_FACTORIES: dict[tuple[bool, bool], Callable[..., Handler]] = {
    (False, False): grpc.unary_unary_rpc_method_handler,
    (False, True): grpc.unary_stream_rpc_method_handler,
    (True, False): grpc.stream_unary_rpc_method_handler,
    (True, True): grpc.stream_stream_rpc_method_handler,
}


class Interceptor(Protocol):
    """Puts something around methods, once for each. gRPC's own interceptors are asked again for each call."""

    def wrapped(self, handler: Handler, method: str) -> Handler:
        """Return what serves a method instead of `handler`; `method` is its full name: /package.Service/Method."""


def behaviour_of(handler: Handler) -> Callable[..., Any]:
    """Return what a handler calls."""
    behaviour: Callable[..., Any] | None = (
        handler.unary_unary or handler.unary_stream or handler.stream_unary or handler.stream_stream
    )
    if behaviour is None:
        raise TypeError("a method handler without behaviour")
    return behaviour


def with_behaviour(handler: Handler, behaviour: Callable[..., Any], request_deserializer: Deserializer) -> Handler:
    """Return a handler of the same kind that calls something else."""
    return _FACTORIES[handler.request_streaming, handler.response_streaming](
        behaviour, request_deserializer=request_deserializer, response_serializer=handler.response_serializer
    )


def surrounded(handler: Handler, surround: Surround) -> Handler:
    """Return a handler that enters `surround` before each call and leaves it afterwards, with the call's error."""
    behaviour = behaviour_of(handler)

    async def call(request: Any, context: aio.ServicerContext[Any, Any]) -> Any:  # noqa: ANN401
        with surround(context):
            return await behaviour(request, context)

    async def generate(request: Any, context: aio.ServicerContext[Any, Any]) -> AsyncIterator[Any]:  # noqa: ANN401
        with surround(context):
            async for answer in behaviour(request, context):
                yield answer

    chosen = generate if inspect.isasyncgenfunction(behaviour) else call
    return with_behaviour(handler, chosen, handler.request_deserializer)
