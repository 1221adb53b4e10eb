from __future__ import annotations

import re

import pytest
from grpc import StatusCode

from servicekit.errors import DomainError
from servicekit.rpc.status import CODES, code_of
from testkit.source_tree import ROOT
from tests.contract.packages import subclasses

ERRORS = sorted(subclasses(DomainError), key=lambda kind: (kind.__module__, kind.__qualname__))
TEXT = (ROOT / "docs" / "errors.md").read_text()
#: Rows of the services' tables: reason, gRPC code, HTTP status, message.
ROWS = re.findall(r"^\| `([A-Z_]+)` \| ([A-Z_]+) \| (\d+) \| (.+) \|$", TEXT, re.MULTILINE)
DOCUMENTED = {(reason, code, status) for reason, code, status, _ in ROWS}
#: HTTP status codes to which the gateway maps them (google/rpc/code.proto).
HTTP = {
    "INVALID_ARGUMENT": "400",
    "FAILED_PRECONDITION": "400",
    "OUT_OF_RANGE": "400",
    "UNAUTHENTICATED": "401",
    "PERMISSION_DENIED": "403",
    "NOT_FOUND": "404",
    "ABORTED": "409",
    "RESOURCE_EXHAUSTED": "429",
    "UNKNOWN": "500",
    "INTERNAL": "500",
    "UNIMPLEMENTED": "501",
    "UNAVAILABLE": "503",
}


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__qualname__)
def test_an_error_has_a_code_and_a_row_in_the_documentation(error: type[DomainError]) -> None:
    code = _code(error)
    assert (error.reason, code, HTTP[code]) in DOCUMENTED


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__qualname__)
def test_the_default_message_of_an_error_is_a_sentence(error: type[DomainError]) -> None:
    sentence = _message(error)
    assert sentence[0].isupper()
    assert sentence.endswith(".")


def test_the_documented_messages_are_those_of_the_errors() -> None:
    messages = {error.reason: _message(error) for error in ERRORS}
    assert {reason: message for reason, _, _, message in ROWS if messages.get(reason) != message} == {}


def test_every_documented_reason_exists() -> None:
    assert {reason for reason, _, _ in DOCUMENTED} == {error.reason for error in ERRORS}


def test_every_reason_of_the_gateway_is_documented() -> None:
    reasons = set(re.findall(r"reason: ([A-Z_]+)", (ROOT / "gateway" / "envoy.yaml").read_text()))
    rows = re.findall(r"^\| \d+ \|.*$|^\| other .*$", (ROOT / "docs" / "gateway.md").read_text(), re.MULTILINE)
    assert set(re.findall(r"`([A-Z_]+)`", "".join(row.split("|")[3] for row in rows))) == reasons


def test_every_error_in_the_code_table_has_a_code_of_its_own() -> None:
    assert len(set(CODES.values())) == len(CODES)


def test_a_reason_always_has_the_same_code() -> None:
    codes: dict[str, set[str]] = {}
    for error in ERRORS:
        codes.setdefault(error.reason, set()).add(_code(error))
    assert [reason for reason, own in codes.items() if len(own) > 1] == []


def _message(error: type[DomainError]) -> str:
    return (error.__doc__ or "").splitlines()[0]


def _code(error: type[DomainError]) -> str:
    if error.reason == StatusCode.INTERNAL.name:
        # The interceptor sends it for unexpected exceptions, with this code.
        return error.reason
    return code_of(error.__new__(error)).name
