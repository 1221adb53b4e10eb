"""What every call passes through: authentication before it, and the conversion of errors to statuses after it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

import grpc
from grpc import aio

from servicekit.auth.principal import current_principal
from servicekit.auth.verifier import TokenVerifier
from servicekit.errors import DomainError, Internal, Unauthenticated
from servicekit.rpc.status import abort_with, to_status

_log = logging.getLogger(__name__)

#: Health checks and reflection are for balancers and tools, which have no token.
OPEN_METHOD_PREFIXES = ("/grpc.health.v1.", "/grpc.reflection.")
_BEARER = "bearer "
#: By whether requests and responses are streams.
_HANDLER_FACTORIES: dict[tuple[bool, bool], Callable[..., grpc.RpcMethodHandler[Any, Any]]] = {
    (False, False): grpc.unary_unary_rpc_method_handler,
    (False, True): grpc.unary_stream_rpc_method_handler,
    (True, False): grpc.stream_unary_rpc_method_handler,
    (True, True): grpc.stream_stream_rpc_method_handler,
}


class BearerMissing(Unauthenticated):
    """A bearer token is needed: send the header `authorization: Bearer <token>`."""

    reason = "BEARER_MISSING"


class CallInterceptor(aio.ServerInterceptor):
    """Authenticates every call, and ends it with a status and details if it raises an error.

    Servicers' methods are coroutine functions, also for streams: they write responses with `context.write`.
    """

    def __init__(self, verifier: TokenVerifier, *, domain: str) -> None:
        """`domain` is what google.rpc.ErrorInfo names as the origin of errors."""
        self._verifier = verifier
        self._domain = domain

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler[Any, Any] | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler[Any, Any] | None:
        """Wrap the method's handler."""
        handler = await continuation(handler_call_details)
        method = handler_call_details.method
        if handler is None or method.startswith(OPEN_METHOD_PREFIXES):
            return handler
        return _HANDLER_FACTORIES[handler.request_streaming, handler.response_streaming](
            self._wrapped(_behaviour(handler), method),
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )

    def _wrapped(self, behaviour: Callable[..., Awaitable[Any]], method: str) -> Callable[..., Awaitable[Any]]:
        async def call(request: Any, context: aio.ServicerContext[Any, Any]) -> Any:  # noqa: ANN401
            try:
                current_principal.set(self._verifier.verify(bearer_token(context)))
                return await behaviour(request, context)
            except DomainError as error:
                await self._abort(context, error)
            except aio.AbortError:
                raise
            except Exception:  # noqa: BLE001 - any other error is logged; the caller gets INTERNAL without its text
                _log.exception("call failed", extra={"method": method})
                await self._abort(context, Internal())

        return call

    async def _abort(self, context: aio.ServicerContext[Any, Any], error: DomainError) -> NoReturn:
        await abort_with(context, to_status(error, self._domain))
        raise error


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
