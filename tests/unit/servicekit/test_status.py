"""One table maps errors to codes, and each error carries its details (docs/errors.md)."""

from __future__ import annotations

from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from grpc import StatusCode

from servicekit import errors
from servicekit.rpc.status import code_of, to_status


class TableOccupied(errors.Aborted):
    """The table is occupied."""

    reason = "TABLE_OCCUPIED"


def unpacked(status: status_pb2.Status, kind: type[Message]) -> list[Message]:
    found = []
    for detail in status.details:
        value = kind()
        if detail.Unpack(value):
            found.append(value)
    return found


def test_an_error_has_the_code_of_its_nearest_base_class() -> None:
    assert code_of(TableOccupied()) is StatusCode.ABORTED


def test_the_docstring_is_the_default_message() -> None:
    assert to_status(TableOccupied(), "test").message == "The table is occupied."


def test_every_error_carries_one_error_info() -> None:
    status = to_status(TableOccupied(metadata={"table": "7"}), "restaurant")
    assert unpacked(status, error_details_pb2.ErrorInfo) == [
        error_details_pb2.ErrorInfo(reason="TABLE_OCCUPIED", domain="restaurant", metadata={"table": "7"})
    ]


def test_every_invalid_field_is_named() -> None:
    error = errors.InvalidArgument(errors.FieldViolation("a", "too long"), errors.FieldViolation("b", "missing"))
    (bad_request,) = unpacked(to_status(error, "test"), error_details_pb2.BadRequest)
    assert isinstance(bad_request, error_details_pb2.BadRequest)
    assert [violation.field for violation in bad_request.field_violations] == ["a", "b"]


def test_a_transient_error_says_when_to_retry() -> None:
    (retry,) = unpacked(to_status(errors.Unavailable(retry_after_seconds=1.5), "test"), error_details_pb2.RetryInfo)
    assert isinstance(retry, error_details_pb2.RetryInfo)
    assert retry.retry_delay.ToMilliseconds() == 1500
