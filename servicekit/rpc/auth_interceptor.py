"""What every call passes through: authentication before it, error mapping around it."""

from __future__ import annotations

import inspect
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, NoReturn

import grpc
from google.rpc import status_pb2
from grpc import aio

from servicekit.auth.principal import current_principal
from servicekit.auth.verifier import TokenVerifier
from servicekit.errors import DomainError, Internal, Unauthenticated
from servicekit.rpc.status import to_status

_log = logging.getLogger(__name__)

#: Health checks and reflection are for balancers and tools that have no token.
OPEN_METHOD_PREFIXES = ("/grpc.health.v1.", "/grpc.reflection.")
#: Where gRPC carries google.rpc.Status (the gRPC protocol's convention).
STATUS_DETAILS_KEY = "grpc-status-details-bin"
_BEARER = "bearer "


class BearerMissing(Unauthenticated):
    """A bearer token is needed: send the header `authorization: Bearer <token>`."""

    reason = "BEARER_MISSING"


class AuthInterceptor(aio.ServerInterceptor):
    """Authenticates every call and turns errors into canonical status."""

    def __init__(self, verifier: TokenVerifier, *, domain: str) -> None:
        """`domain` is what google.rpc.ErrorInfo names as the origin of errors."""
        self._verifier = verifier
        self._domain = domain

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler[Any, Any] | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler[Any, Any] | None:
        """Wrap the handler of this method, whatever its arity."""
        handler = await continuation(handler_call_details)
        method = handler_call_details.method
        if handler is None or method.startswith(OPEN_METHOD_PREFIXES):
            return handler
        return _rebuilt(handler, self._wrapped(_behaviour(handler), method))

    def _wrapped(self, behaviour: Callable[..., Any], method: str) -> Callable[..., Any]:
        if inspect.isasyncgenfunction(behaviour):

            async def stream(request: Any, context: aio.ServicerContext[Any, Any]) -> AsyncIterator[Any]:  # noqa: ANN401
                async with self._guarding(context, method):
                    async for response in behaviour(request, context):
                        yield response

            return stream

        async def call(request: Any, context: aio.ServicerContext[Any, Any]) -> Any:  # noqa: ANN401
            async with self._guarding(context, method):
                return await behaviour(request, context)

        return call

    @asynccontextmanager
    async def _guarding(self, context: aio.ServicerContext[Any, Any], method: str) -> AsyncIterator[None]:
        try:
            current_principal.set(self._verifier.verify(bearer_token(context)))
            yield
        except DomainError as error:
            await self._abort(context, error)
        except (aio.AbortError, GeneratorExit):
            raise
        except Exception:  # noqa: BLE001 - the last line of defence: logged, and told as INTERNAL without its text
            _log.exception("call failed", extra={"method": method})
            await self._abort(context, Internal())

    async def _abort(self, context: aio.ServicerContext[Any, Any], error: DomainError) -> NoReturn:
        await abort_with(context, to_status(error, self._domain))
        raise error


async def abort_with(context: aio.ServicerContext[Any, Any], status: status_pb2.Status) -> None:
    """End the call with a status and its details."""
    code = next(code for code in grpc.StatusCode if code.value[0] == status.code)
    await context.abort(code, status.message, ((STATUS_DETAILS_KEY, status.SerializeToString()),))


def bearer_token(context: aio.ServicerContext[Any, Any]) -> str:
    """Return the call's bearer token; BearerMissing."""
    for key, value in context.invocation_metadata() or ():
        if key == "authorization" and isinstance(value, str) and value[: len(_BEARER)].lower() == _BEARER:
            return value[len(_BEARER) :].strip()
    raise BearerMissing


def _behaviour(handler: grpc.RpcMethodHandler[Any, Any]) -> Callable[..., Any]:
    behaviour: Callable[..., Any] | None = (
        handler.unary_unary or handler.unary_stream or handler.stream_unary or handler.stream_stream
    )
    if behaviour is None:
        raise TypeError("a method handler without behaviour")
    return behaviour


def _rebuilt(
    handler: grpc.RpcMethodHandler[Any, Any], behaviour: Callable[..., Any]
) -> grpc.RpcMethodHandler[Any, Any]:
    kinds = {
        (False, False): grpc.unary_unary_rpc_method_handler,
        (False, True): grpc.unary_stream_rpc_method_handler,
        (True, False): grpc.stream_unary_rpc_method_handler,
        (True, True): grpc.stream_stream_rpc_method_handler,
    }
    make: Callable[..., grpc.RpcMethodHandler[Any, Any]] = kinds[handler.request_streaming, handler.response_streaming]
    return make(
        behaviour,
        request_deserializer=handler.request_deserializer,
        response_serializer=handler.response_serializer,
    )
