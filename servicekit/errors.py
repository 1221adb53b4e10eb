"""Errors that callers see, independent of any transport.

Each subclass has a `reason`, the code in google.rpc.ErrorInfo; its docstring is the default message.
`servicekit.rpc.status.CODES` maps each kind of error to a gRPC code.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar


class DomainError(Exception):
    """An error that the caller sees."""

    reason: ClassVar[str] = "UNKNOWN"
    #: The limit that refused the call, as `limits_hit_total` names it; empty: none did.
    limit: str = ""
    #: For how many seconds the answer is held back.
    answered_after_seconds: ClassVar[float] = 0.0

    def __init__(self, message: str | None = None, *, metadata: Mapping[str, str] | None = None) -> None:
        """`metadata` holds every variable of the message. Callers see it, so it must hold nothing internal."""
        self.message = message or inspect.cleandoc(self.__doc__ or "").splitlines()[0]
        self.metadata = dict(metadata or {})
        super().__init__(self.message)


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """One field of a request that is not valid, and what to send instead."""

    field: str
    description: str


class InvalidArgument(DomainError):
    """The request is not valid."""

    reason = "INVALID_ARGUMENT"

    def __init__(self, *violations: FieldViolation, message: str | None = None) -> None:
        """List all violations in the message, so that the caller can correct them at once."""
        self.violations = violations
        summary = "; ".join(f"{violation.field}: {violation.description}" for violation in violations)
        super().__init__(message or summary or None)


class Unauthenticated(DomainError):
    """A valid bearer token is needed."""

    reason = "UNAUTHENTICATED"


class PermissionDenied(DomainError):
    """The caller may not do this."""

    reason = "PERMISSION_DENIED"


class NotFound(DomainError):
    """There is no such thing."""

    reason = "NOT_FOUND"


class FailedPrecondition(DomainError):
    """This can't be done in the present state."""

    reason = "FAILED_PRECONDITION"


class Aborted(DomainError):
    """Another change came first; read the present state and decide again."""

    reason = "ABORTED"


class OutOfRange(DomainError):
    """The request is beyond the range that is valid now."""

    reason = "OUT_OF_RANGE"


class Unavailable(DomainError):
    """The service can't do this at the moment; retry."""

    reason = "UNAVAILABLE"

    def __init__(self, message: str | None = None, *, retry_after_seconds: float = 1.0) -> None:
        """`retry_after_seconds` becomes google.rpc.RetryInfo."""
        self.retry_after_seconds = retry_after_seconds
        super().__init__(message)


class Unimplemented(DomainError):
    """This server does not offer this method."""

    reason = "UNIMPLEMENTED"


class ResourceExhausted(DomainError):
    """The caller has or does too much at once; retry later."""

    reason = "RESOURCE_EXHAUSTED"

    def __init__(self, message: str | None = None, *, limit: str, retry_after_seconds: float = 1.0) -> None:
        """`retry_after_seconds` becomes google.rpc.RetryInfo, `limit` a label of `limits_hit_total`."""
        self.limit = limit
        self.retry_after_seconds = retry_after_seconds
        super().__init__(message)


class Internal(DomainError):
    """The service failed and logged the cause. A retry may help."""

    reason = "INTERNAL"


class StorageUnavailable(Unavailable):
    """The database can't be reached at the moment; retry."""

    reason = "STORAGE_UNAVAILABLE"


class StorageConflict(StorageUnavailable):
    """Another change to the same thing was in the way, so nothing was changed; retry."""

    reason = "STORAGE_CONFLICT"


class TransactionLost(StorageConflict):
    """Another change to the same thing was in the way, so nothing was changed; retry.

    The database chose this transaction as the one that gives way, so the same statements are likely to succeed now.
    """
