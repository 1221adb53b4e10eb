"""Each call as an operation: parameters, body, answers, and what its method's comment says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from development.openapi.calls import Call, NotDescribable
from development.openapi.examples import Example, answered_text
from development.openapi.failures import failure_responses
from development.openapi.schemas import Schema, reference, value_schema

STREAM_NOTE = (
    "The answer has no end: read it with `curl -N`, or the body of a `fetch`. The page `/docs` shows its first event."
)
#: Who has the role in the demo.
DEMO_PEOPLE = {"tutor": "the tutor 101", "admin": "the admin 901"}


def operation(call: Call, comments: Mapping[str, str], example: Example) -> Schema:
    """Return the operation; NotDescribable."""
    comment = comments[call.method.full_name]
    summary, rest = _told(call, comment)
    made: Schema = {
        "tags": [call.tag],
        "operationId": call.name,
        "summary": summary,
        "description": "\n\n".join(_notes(call, rest, example)),
    }
    if parameters := [_parameter(field, call, comments, example) for field in _bound(call)]:
        made["parameters"] = parameters
    if call.has_body:
        made["requestBody"] = _body(call, example)
    made["responses"] = {"200": _success(call, comments, example), **failure_responses(call, comment)}
    return made


def _told(call: Call, comment: str) -> tuple[str, str]:
    """Return the comment's first sentence as plain text, without the method's name at its beginning, and the rest."""
    sentence, _, rest = comment.removeprefix(f"{call.name} ").partition(". ")
    plain = sentence.removesuffix(".").replace("`", "")
    return f"{plain[0].upper()}{plain[1:]}", rest


def _notes(call: Call, rest: str, example: Example) -> list[str]:
    ran = f"The example runs on the demo data with the token of {DEMO_PEOPLE[example.role]}."
    return [*([rest] if rest else []), *([STREAM_NOTE] if call.is_stream else []), ran]


def _bound(call: Call) -> tuple[FieldDescriptor, ...]:
    return (*call.path_fields, *call.query_fields)


def _parameter(field: FieldDescriptor, call: Call, comments: Mapping[str, str], example: Example) -> Schema:
    if field.message_type is not None:
        raise NotDescribable(f"{field.full_name} is a message in a query string, which the document can't tell yet")
    is_in_path = field in call.path_fields
    made: Schema = {
        "name": field.name,
        "in": "path" if is_in_path else "query",
        "required": is_in_path,
        "description": comments[field.full_name],
        "schema": value_schema(field),
    }
    if field.name in example.parameters:
        made["example"] = example.parameters[field.name]
    return made


def _body(call: Call, example: Example) -> Schema:
    schema = reference(call.method.input_type)
    return {"required": True, "content": {"application/json": {"schema": schema, "example": example.body}}}


def _success(call: Call, comments: Mapping[str, str], example: Example) -> Schema:
    content: dict[str, Any] = {"schema": _answer_schema(call), "example": answered_text(call, example.answer)}
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
