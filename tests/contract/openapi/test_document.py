"""The document tells what the protos tell and the gateway offers, and nothing else."""

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

#: As the gateway's transcoder knows them.
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


def test_the_committed_document_is_what_the_protos_and_examples_make() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == rendered(), "write it anew: make openapi"


def test_it_is_valid_openapi() -> None:
    openapi_spec_validator.validate(CONTENT)


def test_it_has_every_path_that_the_gateway_offers_and_no_other() -> None:
    offered = {binding for method in METHODS.values() for binding in bindings(method)}
    assert {(operation.path, operation.verb) for operation in OPERATIONS} == offered


def test_the_calls_stand_under_the_tags_of_the_guide() -> None:
    tags = {operation.content["tags"][0] for operation in OPERATIONS}
    assert tags == {tag["name"] for tag in CONTENT["tags"]} == {"whiteboard-tracking", "attendance"}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_a_request_has_the_fields_of_its_message(operation: Operation) -> None:
    method = METHODS[operation.name]
    schema = operation.body and SCHEMAS[operation.body["schema"]["$ref"].rpartition("/")[2]]
    told = {
        *operation.parameters("path"),
        *operation.parameters("query"),
        *(schema or {"properties": ()})["properties"],
    }
    assert told == {field.name for field in method.input_type.fields}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_a_call_says_what_it_does_and_how_it_fails(operation: Operation) -> None:
    assert operation.content["summary"]
    assert {"400", "401", "403", "503", "default"} <= set(operation.content["responses"])
    assert ("404" in operation.content["responses"]) or not operation.parameters("path")


def test_only_calls_that_may_come_too_late_can_conflict() -> None:
    conflicting = [operation.name for operation in OPERATIONS if "409" in operation.content["responses"]]
    assert conflicting == ["MarkAttendance"]


def test_what_can_not_be_unset_is_promised_and_what_can_is_not() -> None:
    session = SCHEMAS["Session"]
    assert {"id", "session_date", "attendance_etag"} <= set(session["required"])
    assert not {"whiteboard_id", "attendance_notes", "scheduled_start"} & set(session["required"])


def test_nothing_is_demanded_of_a_request() -> None:
    requests = [schema for name, schema in SCHEMAS.items() if name.endswith(("Request", "Limits", "ToApply"))]
    assert [schema["required"] for schema in requests if "required" in schema] == []


def test_integers_of_64_bits_are_strings_as_the_gateway_prints_them() -> None:
    assert SCHEMAS["AttendanceDecision"]["properties"]["id"]["type"] == "string"
    assert SCHEMAS["Session"]["properties"]["id"]["type"] == "integer"


def test_enums_are_the_documented_words_each_with_its_meaning() -> None:
    status = SCHEMAS["AttendanceStatus"]
    assert status["enum"] == ["ATTENDANCE_STATUS_UNSPECIFIED", "present", "late", "absent"]
    assert "* `late`: Attended, but came late." in status["description"]


def test_spreadsheets_and_streams_are_told_as_what_they_are() -> None:
    told = {operation.name: operation.media_type for operation in OPERATIONS if operation.media_type != BODY}
    assert told.pop("WatchConnectionStatus") == "text/event-stream"
    assert set(told) == {operation.name for operation in OPERATIONS if operation.path.endswith(".csv")}
    assert set(told.values()) == {"text/csv"}
