"""Errors that callers are meant to see, independent of any transport.

Each subclass fixes a `reason` (the code in google.rpc.ErrorInfo); its docstring is the default message.
Which gRPC code a kind of error becomes is decided in one table, `servicekit.rpc.status.CODES`.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar


class DomainError(Exception):
    """Something the caller did or has to know about."""

    reason: ClassVar[str] = "UNKNOWN"

    def __init__(self, message: str | None = None, *, metadata: Mapping[str, str] | None = None) -> None:
        """`metadata` names every variable of the message; it reaches the caller, so nothing internal belongs in it."""
        self.message = message or inspect.cleandoc(self.__doc__ or "").splitlines()[0]
        self.metadata = dict(metadata or {})
        super().__init__(self.message)


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """One field of a request that is at fault, and what to send instead."""

    field: str
    description: str


class InvalidArgument(DomainError):
    """The request is not valid."""

    reason = "INVALID_ARGUMENT"

    def __init__(self, *violations: FieldViolation, message: str | None = None) -> None:
        """Tell every violation at once."""
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
    """Something else came first; look again and decide again."""

    reason = "ABORTED"


class OutOfRange(DomainError):
    """The request goes past what is valid now."""

    reason = "OUT_OF_RANGE"


class ResourceExhausted(DomainError):
    """A limit is reached."""

    reason = "RESOURCE_EXHAUSTED"


class NotImplementedYet(DomainError):
    """This version does not offer that yet."""

    reason = "NOT_IMPLEMENTED"


class Unavailable(DomainError):
    """The service can't do this at the moment; retry."""

    reason = "UNAVAILABLE"

    def __init__(self, message: str | None = None, *, retry_after_seconds: float = 1.0) -> None:
        """`retry_after_seconds` becomes google.rpc.RetryInfo."""
        self.retry_after_seconds = retry_after_seconds
        super().__init__(message)


class Internal(DomainError):
    """The service failed; its operators have been told. A retry may help."""

    reason = "INTERNAL"


class StorageUnavailable(Unavailable):
    """The database can't be reached at the moment; retry."""

    reason = "STORAGE_UNAVAILABLE"


class StorageConflict(StorageUnavailable):
    """Another change to the same thing was in the way, so nothing was changed; retry."""

    reason = "STORAGE_CONFLICT"
