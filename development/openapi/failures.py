"""How calls fail: one schema for every failure, and which kinds each call knows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from development.openapi.calls import Call
from development.openapi.examples import Failure
from development.openapi.schemas import Schema

ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"
#: Of every call; `default` stands for the statuses that need no decision of a program: 408, 413, 429, 5xx.
ALWAYS = ("400", "401", "403", "503", "default")
#: What else a method's comment may promise.
PROMISED = {"NOT_FOUND": "404", "ABORTED": "409"}
NOT_FOUND = "404"

SCHEMA: Schema = {
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


def component_responses(failures: Mapping[str, Failure]) -> dict[str, Schema]:
    """Return each kind of failure as a response, by the name that references use."""
    return {_name(status): _response(failure) for status, failure in failures.items()}


def failure_responses(call: Call, comment: str) -> dict[str, Schema]:
    """Return a call's failures by HTTP status, as references; `comment` is the method's own."""
    return {status: {"$ref": f"#/components/responses/{_name(status)}"} for status in sorted(_statuses(call, comment))}


def reason_of(answer: Mapping[str, Any]) -> str:
    """Return the reason in a failure's ErrorInfo."""
    return next(str(detail["reason"]) for detail in answer["details"] if detail["@type"] == ERROR_INFO)


def _statuses(call: Call, comment: str) -> set[str]:
    promised = {status for code, status in PROMISED.items() if re.search(rf"\b{code}\b", comment)}
    return {*ALWAYS, *promised, *([NOT_FOUND] if call.path_fields else [])}


def _name(status: str) -> str:
    return f"Failure{status.title()}"


def _response(failure: Failure) -> Schema:
    shown = {reason_of(answer): {"value": answer} for answer in failure.answers}
    schema = {"$ref": "#/components/schemas/Error"}
    return {
        "description": failure.description,
        "content": {"application/json": {"schema": schema, "examples": shown}},
    }
