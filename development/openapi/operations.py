"""Each call as an operation: parameters, body, responses, failures, and what its method's comment says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from development.openapi.contract import Call, NotDescribable
from development.openapi.examples import Example, Failure, answer_as_sent
from development.openapi.schemas import Schema, reference, value_schema

STREAM_NOTE = (
    "The answer has no end: read it with `curl -N`, or the body of a `fetch`. The page `/docs` shows its first event."
)
#: The person of the demo with the role.
DEMO_PEOPLE = {"tutor": "the tutor 101", "parent": "the parent 301", "admin": "the admin 901"}

ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"
#: Failures of every call; `default` covers statuses for which a program needs no special case: 408, 413, 429, 5xx.
ALWAYS = ("400", "401", "403", "503", "default")
#: Failures that a call has if its method's comment names the gRPC code.
DOCUMENTED = {"NOT_FOUND": "404", "ABORTED": "409"}
NOT_FOUND = "404"

ERROR_SCHEMA: Schema = {
    "type": "object",
    "description": "Every failure (google.rpc.Status). Programs decide by `reason` and `domain` of the one "
    "`ErrorInfo` among the details.",
    "required": ["code", "message", "details"],
    "properties": {
        "code": {"type": "integer", "format": "int32", "description": "The canonical gRPC code."},
        "message": {"type": "string", "description": "What is wrong and what to do, for people."},
        "details": {
            "type": "array",
            "description": "One `ErrorInfo`; a `BadRequest` if fields are at fault; a `RetryInfo` if a retry helps.",
            "items": {
                "type": "object",
                "required": ["@type"],
                "properties": {
                    "@type": {"type": "string", "description": "Which of them it is."},
                    "reason": {"type": "string", "description": "ErrorInfo: a code for programs."},
                    "domain": {"type": "string", "description": "ErrorInfo: whose code it is."},
                    "metadata": {
                        "type": "object",
                        "additionalProperties": {"type": "string"},
                        "description": "ErrorInfo: which thing it is about.",
                    },
                    "field_violations": {
                        "type": "array",
                        "description": "BadRequest: each field at fault, and why.",
                        "items": {"type": "object", "additionalProperties": {"type": "string"}},
                    },
                    "retry_delay": {"type": "string", "description": "RetryInfo: when to retry, for example `1s`."},
                },
            },
        },
    },
}


def operation_of(call: Call, comments: Mapping[str, str], example: Example) -> Schema:
    """Return the operation; NotDescribable."""
    comment = comments[call.method.full_name]
    summary, rest = _summary(call, comment)
    operation: Schema = {
        "tags": [call.tag],
        "operationId": call.name,
        "summary": summary,
        "description": "\n\n".join(_notes(call, rest, example)),
    }
    if parameters := [_parameter(field, call, comments, example) for field in _bound(call)]:
        operation["parameters"] = parameters
    if call.has_body:
        operation["requestBody"] = _body(call, example)
    operation["responses"] = {"200": _success(call, comments, example), **_failure_responses(call, comment)}
    return operation


def component_responses(failures: Mapping[str, Failure]) -> dict[str, Schema]:
    """Return each kind of failure as a response, by the name that references use."""
    return {_name(status): _response(failure) for status, failure in failures.items()}


def _summary(call: Call, comment: str) -> tuple[str, str]:
    """Split the comment into its first sentence, as plain text without the method's name at its start, and the rest."""
    sentence, _, rest = comment.removeprefix(f"{call.name} ").partition(". ")
    plain = sentence.removesuffix(".").replace("`", "")
    return f"{plain[0].upper()}{plain[1:]}", rest


def _notes(call: Call, rest: str, example: Example) -> list[str]:
    origin = f"The example runs on the demo data with the token of {DEMO_PEOPLE[example.role]}."
    return [*([rest] if rest else []), *([STREAM_NOTE] if call.is_stream else []), origin]


def _bound(call: Call) -> tuple[FieldDescriptor, ...]:
    return (*call.path_fields, *call.query_fields)


def _parameter(field: FieldDescriptor, call: Call, comments: Mapping[str, str], example: Example) -> Schema:
    if field.message_type is not None:
        raise NotDescribable(f"{field.full_name} is a message in a query string, which the document can't describe yet")
    is_in_path = field in call.path_fields
    operation: Schema = {
        "name": field.name,
        "in": "path" if is_in_path else "query",
        "required": is_in_path,
        "description": comments[field.full_name],
        "schema": value_schema(field),
    }
    if field.name in example.parameters:
        operation["example"] = example.parameters[field.name]
    return operation


def _body(call: Call, example: Example) -> Schema:
    schema = reference(call.method.input_type)
    return {"required": True, "content": {"application/json": {"schema": schema, "example": example.body}}}


def _success(call: Call, comments: Mapping[str, str], example: Example) -> Schema:
    content: dict[str, Any] = {"schema": _answer_schema(call), "example": answer_as_sent(call, example.answer)}
    return {"description": _description(call, comments), "content": {_media_type(call): content}}


def _answer_schema(call: Call) -> Schema:
    if call.is_spreadsheet or call.is_stream:
        return {"type": "string"}
    return reference(call.answer)


def _description(call: Call, comments: Mapping[str, str]) -> str:
    if call.is_spreadsheet:
        return "A spreadsheet in UTF-8, with a header line."
    if call.is_stream:
        return f"Server-sent events. The data of each is a `{call.answer.name}`: {comments[call.answer.full_name]}"
    return comments[call.answer.full_name]


def _media_type(call: Call) -> str:
    if call.is_spreadsheet:
        return "text/csv"
    return "text/event-stream" if call.is_stream else "application/json"


def _failure_responses(call: Call, comment: str) -> dict[str, Schema]:
    """Return a call's failures by HTTP status, as references; `comment` is that of its method."""
    return {status: {"$ref": f"#/components/responses/{_name(status)}"} for status in sorted(_statuses(call, comment))}


def _statuses(call: Call, comment: str) -> set[str]:
    documented = {status for code, status in DOCUMENTED.items() if re.search(rf"\b{code}\b", comment)}
    return {*ALWAYS, *documented, *([NOT_FOUND] if call.path_fields else [])}


def _name(status: str) -> str:
    return f"Failure{status.title()}"


def _response(failure: Failure) -> Schema:
    shown = {_reason_of(answer): {"value": answer} for answer in failure.answers}
    schema = {"$ref": "#/components/schemas/Error"}
    return {
        "description": failure.description,
        "content": {"application/json": {"schema": schema, "examples": shown}},
    }


def _reason_of(answer: Mapping[str, Any]) -> str:
    """Return the reason in a failure's ErrorInfo."""
    return next(str(detail["reason"]) for detail in answer["details"] if detail["@type"] == ERROR_INFO)
