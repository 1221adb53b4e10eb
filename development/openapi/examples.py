"""An example of every call, as it runs on the demo data of `make up`, and of every kind of failure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from development.openapi.contract import Call

EXAMPLES = Path(__file__).resolve().parent / "examples"
#: Calls by subject.
FILES = ("whiteboards.json", "sessions.json", "reports.json", "policies.json")
FAILURES_FILE = "failures.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """One call: what is sent, and what is returned."""

    #: The role that may make the call.
    role: Literal["tutor", "admin"]
    #: One JSON object; of a stream its messages, of a spreadsheet its lines.
    answer: Any
    #: Values of the path and the query string.
    parameters: Mapping[str, str | int] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """One kind of failure, which has an HTTP status of its own."""

    description: str
    #: google.rpc.Status as JSON.
    answers: tuple[Mapping[str, Any], ...]


def examples() -> dict[str, Example]:
    """Return the example of each call, by its name."""
    return {name: Example(**content) for file in FILES for name, content in _read(file).items()}


def failures() -> dict[str, Failure]:
    """Return the kinds of failure by their HTTP status; `default` is for all others."""
    return {
        status: Failure(description=kind["description"], answers=tuple(kind["answers"]))
        for status, kind in _read(FAILURES_FILE).items()
    }


def answer_as_sent(call: Call, answer: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return an example's answer as the gateway sends it: JSON, lines of CSV, or server-sent events."""
    if call.is_spreadsheet:
        return "".join(f"{line}\r\n" for line in answer)
    if call.is_stream:
        return "".join(f"data: {json.dumps(message, separators=(',', ':'))}\n\n" for message in answer)
    return answer


def _read(file: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((EXAMPLES / file).read_text(encoding="utf-8"))
    return content
