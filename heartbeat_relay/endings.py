"""What to do after a stream has ended, by what the service said (docs/errors.md)."""

from __future__ import annotations

from enum import Enum, auto

from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2
from grpc import StatusCode, aio

#: Where gRPC carries google.rpc.Status (the gRPC protocol's convention).
_STATUS_DETAILS_KEY = "grpc-status-details-bin"


class Next(Enum):
    """What follows."""

    #: The same stream goes on, after a pause.
    RESUME = auto()
    #: The same, with another token.
    RENEW_TOKEN = auto()
    #: The stream id is lost; a new one takes what is unacknowledged.
    START_ANEW = auto()
    #: No retry heals it.
    GIVE_UP = auto()


SEQUENCE_GAP = "SEQUENCE_GAP"
_BY_REASON = {
    "STREAM_FORGOTTEN": Next.START_ANEW,
    # Whoever it is: what they commit under our numbers is not ours.
    "STREAM_TAKEN_OVER": Next.START_ANEW,
    # The token names somebody else than before.
    "STREAM_OF_ANOTHER_IDENTITY": Next.START_ANEW,
}
_BY_CODE = {
    StatusCode.UNAUTHENTICATED: Next.RENEW_TOKEN,
    StatusCode.PERMISSION_DENIED: Next.GIVE_UP,
    StatusCode.UNIMPLEMENTED: Next.GIVE_UP,
    StatusCode.INVALID_ARGUMENT: Next.GIVE_UP,
}


def after(error: aio.AioRpcError) -> Next:
    """Decide by the reason, else by the code; what is neither known is worth another attempt."""
    return _BY_REASON.get(reason_of(error)) or _BY_CODE.get(error.code(), Next.RESUME)


def reason_of(error: aio.AioRpcError) -> str:
    """Return the reason in the error's google.rpc.ErrorInfo; empty if it has none, as those of proxies and networks."""
    for key, value in error.trailing_metadata() or ():
        if key == _STATUS_DETAILS_KEY and isinstance(value, bytes):
            return _reason_in(value)
    return ""


def _reason_in(packed: bytes) -> str:
    info = error_details_pb2.ErrorInfo()
    try:
        for detail in status_pb2.Status.FromString(packed).details:
            if detail.Unpack(info):
                return str(info.reason)
    except DecodeError:
        # Something on the way wrote its own; the code has to do.
        pass
    return ""
