"""What to do after a stream has ended (docs/streams.md#how-a-stream-ends), and how long to wait before a retry."""

from __future__ import annotations

import random
from enum import Enum, auto

from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2
from grpc import StatusCode, aio

#: Short, because most streams end with a restart or a decision of a load balancer.
MIN_DELAY_SECONDS = 0.1
#: Spares a service that is down, and is short compared with any presence timeout.
MAX_DELAY_SECONDS = 5.0
#: Spreads the reconnects of relays that lost the same service.
JITTER = (0.5, 1.5)
#: Where gRPC carries google.rpc.Status, by convention.
STATUS_DETAILS_KEY = "grpc-status-details-bin"


class NextAction(Enum):
    """What to do after a stream has ended."""

    #: Open the same stream again, after a delay.
    RESUME = auto()
    #: The same, with another token.
    RENEW_TOKEN = auto()
    #: Send what is unacknowledged over a new stream id.
    NEW_STREAM = auto()
    #: Stop: no retry can heal this.
    GIVE_UP = auto()


SEQUENCE_GAP = "SEQUENCE_GAP"
#: The replica is about to stop.
DRAINING = "DRAINING"
#: Every token ends some time.
TOKEN_EXPIRED = "TOKEN_EXPIRED"  # noqa: S105 - a reason
_BY_REASON = {
    "STREAM_FORGOTTEN": NextAction.NEW_STREAM,
    # The other call commits its own events under our numbers.
    "STREAM_TAKEN_OVER": NextAction.NEW_STREAM,
    # The new token has another subject than the one before.
    "STREAM_OF_ANOTHER_IDENTITY": NextAction.NEW_STREAM,
}
_BY_CODE = {
    StatusCode.UNAUTHENTICATED: NextAction.RENEW_TOKEN,
    StatusCode.PERMISSION_DENIED: NextAction.GIVE_UP,
    StatusCode.UNIMPLEMENTED: NextAction.GIVE_UP,
    StatusCode.INVALID_ARGUMENT: NextAction.GIVE_UP,
}


def next_action(error: aio.AioRpcError) -> NextAction:
    """Decide by the reason, or else by the code; resume if neither is known."""
    return _BY_REASON.get(error_reason(error)) or _BY_CODE.get(error.code(), NextAction.RESUME)


def error_reason(error: aio.AioRpcError) -> str:
    """Return the reason in google.rpc.ErrorInfo; empty if there is none, as in errors of proxies and networks."""
    for key, value in error.trailing_metadata() or ():
        if key == STATUS_DETAILS_KEY and isinstance(value, bytes):
            return _unpack_reason(value)
    return ""


def _unpack_reason(packed: bytes) -> str:
    info = error_details_pb2.ErrorInfo()
    try:
        for detail in status_pb2.Status.FromString(packed).details:
            if detail.Unpack(info):
                return str(info.reason)
    except DecodeError:
        # A proxy wrote details of its own; the code has to do.
        pass
    return ""


class Backoff:
    """Doubles the delay with each failure in a row."""

    def __init__(self) -> None:
        """Start with the shortest delay."""
        self._delay = MIN_DELAY_SECONDS

    def next_delay(self) -> float:
        """Return the seconds to wait now, and double the next delay."""
        delay = self._delay
        self._delay = min(delay * 2, MAX_DELAY_SECONDS)
        return with_jitter(delay)

    def reset(self) -> None:
        """Start again with the shortest delay, after a success."""
        self._delay = MIN_DELAY_SECONDS


def with_jitter(seconds: float) -> float:
    """Return a random duration around the given one."""
    return seconds * random.uniform(*JITTER)  # noqa: S311 - spreads load, keeps no secret
