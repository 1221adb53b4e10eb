"""What every call passes through: authentication before it, and the conversion of errors to statuses after it."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from functools import partial
from typing import Any, NoReturn

from grpc import aio

from servicekit.auth.principal import current_principal
from servicekit.auth.verifier import TokenVerifier
from servicekit.correlation import correlation_of, current_correlation
from servicekit.errors import DomainError, Internal, Unauthenticated, Unimplemented
from servicekit.metrics.limits import LimitsHit
from servicekit.rpc.handlers import Handler, behaviour_of, with_behaviour
from servicekit.rpc.requests import read_message, read_request
from servicekit.rpc.status import abort_with, to_status

_log = logging.getLogger(__name__)

#: Health checks and reflection are for balancers and tools, which have no token.
OPEN_METHOD_PREFIXES = ("/grpc.health.v1.", "/grpc.reflection.")
_BEARER = "bearer "


class BearerMissing(Unauthenticated):
    """A bearer token is needed: send the header `authorization: Bearer <token>`."""

    reason = "BEARER_MISSING"


class CallInterceptor:
    """Authenticates every call, and ends it with a status and details if it raises an error.

    Servicers' methods are coroutine functions, also for streams: they write responses with `context.write`. Requests
    are read after authentication, so that a stranger's bytes are never parsed.
    """

    def __init__(self, verifier: TokenVerifier, *, domain: str, limits_hit: LimitsHit | None = None) -> None:
        """`domain` is what google.rpc.ErrorInfo names as the origin of errors."""
        self._limits_hit = limits_hit or LimitsHit()
        self._verifier = verifier
        self._domain = domain

    def wrapped(self, handler: Handler, method: str) -> Handler:
        """Return a handler that authenticates first."""
        behaviour, parse = behaviour_of(handler), handler.request_deserializer
        if parse is None:
            raise TypeError(f"{method} has no messages to read")
        if method.startswith(OPEN_METHOD_PREFIXES) and inspect.isasyncgenfunction(behaviour):
            wrapped: Callable[..., Any] = self._wrapped_generator(behaviour)
        else:
            wrapped = self._wrapped(behaviour, method, None if handler.request_streaming else parse)
        # A method reads the frames of a stream itself, and so after authentication.
        deserializer = partial(read_message, parse=parse) if handler.request_streaming else None
        return with_behaviour(handler, wrapped, deserializer)

    def _wrapped(
        self, behaviour: Callable[..., Any], method: str, parse: Callable[[bytes], Any] | None
    ) -> Callable[..., Awaitable[Any]]:
        is_open = method.startswith(OPEN_METHOD_PREFIXES)

        async def call(request: Any, context: aio.ServicerContext[Any, Any]) -> Any:  # noqa: ANN401
            # Each call of this makes texts of all metadata again.
            metadata = context.invocation_metadata() or ()
            current_correlation.set(correlation_of(metadata))
            try:
                if not is_open:
                    current_principal.set(self._verifier.verify(bearer_token(metadata)))
                return await behaviour(read_request(request, parse) if parse else request, context)
            except DomainError as error:
                await self._abort(context, error)
            except aio.AbortError:
                raise
            except NotImplementedError:  # from the generated base class
                await self._abort(context, Unimplemented())
            except Exception:  # noqa: BLE001 - any other error is logged; the caller gets INTERNAL without its text
                _log.exception("call failed", extra={"method": method})
                await self._abort(context, Internal())

        return call

    def _wrapped_generator(self, behaviour: Callable[..., AsyncIterator[Any]]) -> Callable[..., AsyncIterator[Any]]:
        """Wrap reflection, the library's only method of this form."""

        async def call(requests: Any, context: aio.ServicerContext[Any, Any]) -> AsyncIterator[Any]:  # noqa: ANN401
            try:
                async for answer in behaviour(requests, context):
                    yield answer
            except DomainError as error:
                await self._abort(context, error)

        return call

    async def _abort(self, context: aio.ServicerContext[Any, Any], error: DomainError) -> NoReturn:
        if error.limit:
            self._limits_hit.count(error.limit)
        if error.answered_after_seconds:
            await asyncio.sleep(error.answered_after_seconds)
        await abort_with(context, to_status(error, self._domain))
        raise error


def bearer_token(metadata: Iterable[tuple[str, str | bytes]]) -> str:
    """Return the bearer token in the metadata of a call; BearerMissing."""
    for key, value in metadata:
        if key == "authorization" and isinstance(value, str) and value[: len(_BEARER)].lower() == _BEARER:
            return value[len(_BEARER) :].strip()
    raise BearerMissing
