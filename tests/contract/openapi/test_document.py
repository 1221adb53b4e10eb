"""The document describes exactly what the protos define and the gateway offers."""

from __future__ import annotations

import re

import openapi_spec_validator
import pytest
from google.api import annotations_pb2
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.descriptor_pool import Default

from development.openapi.document import DOCUMENT, rendered
from testkit.openapi import CONTENT, OPERATIONS, Operation
from testkit.source_tree import ROOT

#: Those that the gateway transcodes.
SERVICES = re.findall(
    r"(astegni[\w.]+)",
    *re.findall(r"^ +services: \[(.+)\]$", (ROOT / "gateway" / "envoy.yaml").read_text(), re.MULTILINE),
)
METHODS = {method.name: method for service in SERVICES for method in Default().FindServiceByName(service).methods}
VERBS = ("get", "put", "post", "delete", "patch")
BODY = "application/json"
SCHEMAS = CONTENT["components"]["schemas"]


def bindings(method: MethodDescriptor) -> set[tuple[str, str]]:
    rule = method.GetOptions().Extensions[annotations_pb2.http]
    return {(path, verb) for one in (rule, *rule.additional_bindings) for verb in VERBS if (path := getattr(one, verb))}


def test_the_committed_document_is_up_to_date_with_protos_and_examples() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == rendered(), "run: make openapi"


def test_the_document_is_valid_openapi() -> None:
    openapi_spec_validator.validate(CONTENT)


def test_the_document_has_exactly_the_paths_that_the_gateway_offers() -> None:
    offered = {binding for method in METHODS.values() for binding in bindings(method)}
    assert {(operation.path, operation.verb) for operation in OPERATIONS} == offered


def test_the_calls_have_the_tags_of_the_guide() -> None:
    tags = {operation.content["tags"][0] for operation in OPERATIONS}
    assert tags == {tag["name"] for tag in CONTENT["tags"]} == {"whiteboard-tracking", "attendance"}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_a_request_has_the_fields_of_its_message(operation: Operation) -> None:
    method = METHODS[operation.name]
    schema = operation.body and SCHEMAS[operation.body["schema"]["$ref"].rpartition("/")[2]]
    described = {
        *operation.parameters("path"),
        *operation.parameters("query"),
        *(schema or {"properties": ()})["properties"],
    }
    assert described == {field.name for field in method.input_type.fields}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_a_call_says_what_it_does_and_how_it_fails(operation: Operation) -> None:
    assert operation.content["summary"]
    assert {"400", "401", "403", "503", "default"} <= set(operation.content["responses"])
    assert ("404" in operation.content["responses"]) or not operation.parameters("path")


def test_only_decisions_can_conflict() -> None:
    conflicting = [operation.name for operation in OPERATIONS if "409" in operation.content["responses"]]
    assert conflicting == ["MarkAttendance", "WithdrawDecision", "AnswerClaim"]


def test_exactly_the_fields_that_are_always_set_are_required() -> None:
    session = SCHEMAS["Session"]
    assert {"id", "session_date", "attendance_etag"} <= set(session["required"])
    assert not {"whiteboard_id", "attendance_notes", "scheduled_start"} & set(session["required"])


def test_no_field_of_a_request_is_required() -> None:
    requests = [schema for name, schema in SCHEMAS.items() if name.endswith(("Request", "Limits", "ToApply"))]
    assert [schema["required"] for schema in requests if "required" in schema] == []


def test_integers_of_64_bits_are_strings_as_the_gateway_prints_them() -> None:
    assert SCHEMAS["AttendanceDecision"]["properties"]["id"]["type"] == "string"
    assert SCHEMAS["Session"]["properties"]["id"]["type"] == "integer"


def test_an_enum_lists_the_documented_values_and_their_meaning() -> None:
    status = SCHEMAS["AttendanceStatus"]
    assert status["enum"] == ["ATTENDANCE_STATUS_UNSPECIFIED", "present", "late", "absent"]
    assert "* `late`: Attended, but came late." in status["description"]


def test_csv_files_and_event_streams_have_their_media_types() -> None:
    media_types = {operation.name: operation.media_type for operation in OPERATIONS if operation.media_type != BODY}
    assert media_types.pop("WatchConnectionStatus") == "text/event-stream"
    assert set(media_types) == {operation.name for operation in OPERATIONS if operation.path.endswith(".csv")}
    assert set(media_types.values()) == {"text/csv"}
