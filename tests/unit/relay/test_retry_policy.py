"""What a relay does after a stream has ended, and how long it waits."""

from __future__ import annotations

import pytest
from google.rpc import error_details_pb2, status_pb2
from grpc import StatusCode, aio

from heartbeat_relay.retry_policy import (
    JITTER,
    MAX_DELAY_SECONDS,
    MIN_DELAY_SECONDS,
    Backoff,
    NextAction,
    error_reason,
    next_action,
)

MIN_JITTER, MAX_JITTER = JITTER


def stream_error(code: StatusCode, reason: str = "") -> aio.AioRpcError:
    """Return the error of a stream; one without a reason is like a proxy's."""
    status = status_pb2.Status(code=code.value[0])
    if reason:
        status.details.add().Pack(error_details_pb2.ErrorInfo(reason=reason))
    return aio.AioRpcError(code, aio.Metadata(), aio.Metadata(("grpc-status-details-bin", status.SerializeToString())))


@pytest.mark.parametrize(
    ("error", "action"),
    [
        (stream_error(StatusCode.UNAVAILABLE, "DRAINING"), NextAction.RESUME),
        (stream_error(StatusCode.UNAVAILABLE), NextAction.RESUME),
        (stream_error(StatusCode.UNKNOWN, "RECORDING_FAILED"), NextAction.RESUME),
        (stream_error(StatusCode.ABORTED, "STREAM_BROKEN"), NextAction.RESUME),
        (stream_error(StatusCode.OUT_OF_RANGE, "SEQUENCE_GAP"), NextAction.RESUME),
        (stream_error(StatusCode.UNAUTHENTICATED, "TOKEN_EXPIRED"), NextAction.RENEW_TOKEN),
        (stream_error(StatusCode.UNAUTHENTICATED), NextAction.RENEW_TOKEN),
        (stream_error(StatusCode.ABORTED, "STREAM_TAKEN_OVER"), NextAction.NEW_STREAM),
        (stream_error(StatusCode.ABORTED, "STREAM_FORGOTTEN"), NextAction.NEW_STREAM),
        (stream_error(StatusCode.PERMISSION_DENIED, "STREAM_OF_ANOTHER_IDENTITY"), NextAction.NEW_STREAM),
        (stream_error(StatusCode.PERMISSION_DENIED), NextAction.GIVE_UP),
        (stream_error(StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT"), NextAction.GIVE_UP),
        (stream_error(StatusCode.UNIMPLEMENTED), NextAction.GIVE_UP),
    ],
)
def test_the_error_decides_the_next_action(error: aio.AioRpcError, action: NextAction) -> None:
    assert next_action(error) is action


def test_details_that_can_not_be_parsed_count_as_none() -> None:
    garbled = aio.Metadata(("grpc-status-details-bin", b"\xff\xff"))
    assert error_reason(aio.AioRpcError(StatusCode.UNAVAILABLE, aio.Metadata(), garbled)) == ""


def test_delays_double_up_to_the_maximum() -> None:
    backoff = Backoff()
    for number in range(20):
        expected = min(MIN_DELAY_SECONDS * 2**number, MAX_DELAY_SECONDS)
        assert expected * MIN_JITTER <= backoff.next_delay() <= expected * MAX_JITTER


def test_after_a_success_the_next_delay_is_short() -> None:
    backoff = Backoff()
    for _ in range(20):
        backoff.next_delay()
    backoff.reset()
    assert backoff.next_delay() <= MIN_DELAY_SECONDS * MAX_JITTER


def test_relays_that_failed_together_retry_at_different_times() -> None:
    assert len({Backoff().next_delay() for _ in range(10)}) > 1
