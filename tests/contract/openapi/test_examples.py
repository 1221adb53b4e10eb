"""The examples are valid messages, printed as the gateway prints them."""

from __future__ import annotations

import re
from typing import Any

import grpc
import pytest
from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc import error_details_pb2, status_pb2

from development.openapi.contract import Call, calls
from development.openapi.examples import examples, failures
from testkit.openapi import CONTENT, OPERATIONS, Operation, faults
from testkit.source_tree import ROOT

DOCS = ROOT / "docs"
CALLS = calls()
EXAMPLES = examples()
IN_JSON = [call for call in CALLS if not call.is_spreadsheet]
FAILURES = [(status, answer) for status, failure in failures().items() for answer in failure.answers]
#: Rows of the services' reasons: reason, gRPC code, HTTP status; and of the gateway's: HTTP status, code, reasons.
SERVICES_ROW = re.compile(r"^\| `([A-Z_]+)` \| ([A-Z_]+) \| (\d+) \|", re.MULTILINE)
GATEWAY_ROW = re.compile(r"^\| (\d+) \| (\d+) \| ([^|]+) \|", re.MULTILINE)


def parsed(content: dict[str, Any], of: Descriptor) -> Message:
    return json_format.ParseDict(content, GetMessageClass(of)())


def printed(message: Message) -> dict[str, Any]:
    return json_format.MessageToDict(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )


def documented() -> set[tuple[str, int, str]]:
    """Return HTTP status, gRPC code and reason of every failure in the documentation."""
    services = SERVICES_ROW.findall((DOCS / "errors.md").read_text())
    gateway = GATEWAY_ROW.findall((DOCS / "gateway.md").read_text())
    return {
        *((status, grpc.StatusCode[code].value[0], reason) for reason, code, status in services),
        *((status, int(code), reason) for status, code, cell in gateway for reason in re.findall(r"`(\w+)`", cell)),
    }


def test_exactly_the_calls_have_examples() -> None:
    assert set(EXAMPLES) == {call.name for call in CALLS}


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_a_request_is_valid_for_its_call(call: Call) -> None:
    example = EXAMPLES[call.name]
    parsed({**example.parameters, **(example.body or {})}, call.method.input_type)
    assert (example.body is not None) == call.has_body
    assert {field.name for field in call.path_fields} <= set(example.parameters)


@pytest.mark.parametrize("call", IN_JSON, ids=lambda call: call.name)
def test_an_answer_is_complete_and_printed_as_the_gateway_prints_it(call: Call) -> None:
    answer = EXAMPLES[call.name].answer
    messages = answer if call.is_stream else [answer]
    assert [printed(parsed(message, call.answer)) for message in messages] == messages


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_an_example_matches_its_schema(operation: Operation) -> None:
    assert faults(operation.answer["schema"], operation.answer["example"]) == []
    if operation.body:
        assert faults(operation.body["schema"], operation.body["example"]) == []


@pytest.mark.parametrize(("status", "answer"), FAILURES)
def test_a_failure_is_documented(status: str, answer: dict[str, Any]) -> None:
    failed = json_format.ParseDict(answer, status_pb2.Status())
    info = error_details_pb2.ErrorInfo()
    assert failed.details[0].Unpack(info)
    reasons = {(code, reason) for http, code, reason in documented() if status in {http, "default"}}
    assert (failed.code, info.reason) in reasons
    assert faults(CONTENT["components"]["schemas"]["Error"], answer) == []
