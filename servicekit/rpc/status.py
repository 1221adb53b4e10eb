"""From errors to gRPC statuses: one table of codes, and the details that every error carries (docs/errors.md)."""

from __future__ import annotations

from typing import Any

from google.protobuf import any_pb2
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from grpc import StatusCode, aio

from servicekit import errors

#: An error has the code of the first of its classes that is listed here.
CODES: dict[type[errors.DomainError], StatusCode] = {
    errors.InvalidArgument: StatusCode.INVALID_ARGUMENT,
    errors.Unauthenticated: StatusCode.UNAUTHENTICATED,
    errors.PermissionDenied: StatusCode.PERMISSION_DENIED,
    errors.NotFound: StatusCode.NOT_FOUND,
    errors.FailedPrecondition: StatusCode.FAILED_PRECONDITION,
    errors.Aborted: StatusCode.ABORTED,
    errors.OutOfRange: StatusCode.OUT_OF_RANGE,
    errors.Unavailable: StatusCode.UNAVAILABLE,
    errors.ResourceExhausted: StatusCode.RESOURCE_EXHAUSTED,
    errors.Unimplemented: StatusCode.UNIMPLEMENTED,
    errors.Internal: StatusCode.INTERNAL,
    errors.DomainError: StatusCode.UNKNOWN,
}
#: Where gRPC carries google.rpc.Status (the gRPC protocol's convention).
STATUS_DETAILS_KEY = "grpc-status-details-bin"
NANOSECONDS_PER_SECOND = 1_000_000_000
_STATUS_CODES: dict[int, StatusCode] = {code.value[0]: code for code in StatusCode}


def code_of(error: errors.DomainError) -> StatusCode:
    """Return the gRPC code of an error."""
    return next(CODES[kind] for kind in type(error).__mro__ if kind in CODES)


def to_status(error: errors.DomainError, domain: str) -> status_pb2.Status:
    """Return the status: code, message, one ErrorInfo, and BadRequest or RetryInfo if they apply."""
    info = error_details_pb2.ErrorInfo(reason=error.reason, domain=domain, metadata=error.metadata)
    details: list[Message] = [info]
    if isinstance(error, errors.InvalidArgument) and error.violations:
        details.append(_bad_request(error))
    if isinstance(error, (errors.Unavailable, errors.ResourceExhausted)):
        details.append(_retry_info(error.retry_after_seconds))
    code: int = code_of(error).value[0]
    return status_pb2.Status(code=code, message=error.message, details=[_pack(detail) for detail in details])


async def abort_with(context: aio.ServicerContext[Any, Any], status: status_pb2.Status) -> None:
    """End the call with a status and its details."""
    details = ((STATUS_DETAILS_KEY, status.SerializeToString()),)
    await context.abort(_STATUS_CODES[status.code], status.message, details)


def _bad_request(error: errors.InvalidArgument) -> error_details_pb2.BadRequest:
    return error_details_pb2.BadRequest(
        field_violations=[
            error_details_pb2.BadRequest.FieldViolation(field=violation.field, description=violation.description)
            for violation in error.violations
        ]
    )


def _retry_info(seconds: float) -> error_details_pb2.RetryInfo:
    retry = error_details_pb2.RetryInfo()
    retry.retry_delay.FromNanoseconds(int(seconds * NANOSECONDS_PER_SECOND))
    return retry


def _pack(detail: Message) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(detail)
    return packed
