"""Reads requests from bytes, and refuses those that are no request or contradict themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import DecodeError, Message
from google.protobuf.unknown_fields import UnknownFieldSet

from servicekit.errors import FieldViolation, InvalidArgument

_MessageT = TypeVar("_MessageT", bound=Message)


class RequestUnreadable(InvalidArgument):
    """The request is not a message of this call; texts in it must be UTF-8."""

    reason = "REQUEST_UNREADABLE"


def read_request(data: bytes, parse: Callable[[bytes], _MessageT]) -> _MessageT:
    """Return the request that the bytes hold.

    Raises:
        RequestUnreadable: the bytes hold none.
        InvalidArgument: a field has several values.
    """
    request = read_message(data, parse)
    _require_one_value_per_field(request, data)
    return request


def read_message(data: bytes, parse: Callable[[bytes], _MessageT]) -> _MessageT:
    """Return the message that the bytes hold; RequestUnreadable."""
    try:
        return parse(data)
    except DecodeError:
        raise RequestUnreadable from None


def _require_one_value_per_field(request: Message, data: bytes) -> None:
    """Raise InvalidArgument if a field that holds one value was sent with several.

    The gateway binds the path, the query and the body to the fields of one message. It compares the path with a body's
    `session_id`, but not with `sessionId` or the query: then it sends both values, of which the last would count.
    """
    # What is the same when it is written again has each field once. To read the fields one by one takes eight times as
    # long.
    if request.SerializeToString() == data:
        return
    fields = request.DESCRIPTOR.fields_by_number
    values: dict[int, object] = {}
    # To an empty message, every field is unknown.
    unknown: Any = UnknownFieldSet(Empty.FromString(data))  # its type stub lacks the iteration
    for sent in unknown:
        field = fields.get(sent.field_number)
        if field is None or field.is_repeated:
            continue
        if values.setdefault(sent.field_number, sent.data) != sent.data:
            raise InvalidArgument(
                FieldViolation(field.name, "was sent with several values (in path, query or body): send only one")
            )
