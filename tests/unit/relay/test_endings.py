"""What follows the end of a stream."""

from __future__ import annotations

import pytest
from google.rpc import error_details_pb2, status_pb2
from grpc import StatusCode, aio

from heartbeat_relay.endings import Next, after, reason_of


def ended(code: StatusCode, reason: str = "") -> aio.AioRpcError:
    """Return the error of a stream; without a reason it is that of a proxy."""
    status = status_pb2.Status(code=code.value[0])
    if reason:
        status.details.add().Pack(error_details_pb2.ErrorInfo(reason=reason))
    return aio.AioRpcError(code, aio.Metadata(), aio.Metadata(("grpc-status-details-bin", status.SerializeToString())))


@pytest.mark.parametrize(
    ("error", "following"),
    [
        (ended(StatusCode.UNAVAILABLE, "DRAINING"), Next.RESUME),
        (ended(StatusCode.UNAVAILABLE), Next.RESUME),
        (ended(StatusCode.UNKNOWN, "RECORDING_FAILED"), Next.RESUME),
        (ended(StatusCode.ABORTED, "STREAM_BROKEN"), Next.RESUME),
        (ended(StatusCode.OUT_OF_RANGE, "SEQUENCE_GAP"), Next.RESUME),
        (ended(StatusCode.UNAUTHENTICATED, "TOKEN_EXPIRED"), Next.RENEW_TOKEN),
        (ended(StatusCode.UNAUTHENTICATED), Next.RENEW_TOKEN),
        (ended(StatusCode.ABORTED, "STREAM_TAKEN_OVER"), Next.START_ANEW),
        (ended(StatusCode.ABORTED, "STREAM_FORGOTTEN"), Next.START_ANEW),
        (ended(StatusCode.PERMISSION_DENIED, "STREAM_OF_ANOTHER_IDENTITY"), Next.START_ANEW),
        (ended(StatusCode.PERMISSION_DENIED), Next.GIVE_UP),
        (ended(StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT"), Next.GIVE_UP),
        (ended(StatusCode.UNIMPLEMENTED), Next.GIVE_UP),
    ],
)
def test_what_follows(error: aio.AioRpcError, following: Next) -> None:
    assert after(error) is following


def test_details_that_can_not_be_read_are_as_good_as_none() -> None:
    garbled = aio.Metadata(("grpc-status-details-bin", b"\xff\xff"))
    assert reason_of(aio.AioRpcError(StatusCode.UNAVAILABLE, aio.Metadata(), garbled)) == ""
