"""The OpenAPI document: its operations, and whether an answer matches its schema."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from openapi_schema_validator import OAS30Validator, oas30_format_checker

from development.openapi.document import DOCUMENT

CONTENT: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))
OK = "200"


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """One operation."""

    path: str
    verb: str
    content: dict[str, Any]

    @property
    def name(self) -> str:
        """The method's name."""
        return str(self.content["operationId"])

    @property
    def media_type(self) -> str:
        """The media type of the answer."""
        return str(next(iter(self.content["responses"][OK]["content"])))

    @property
    def answer(self) -> dict[str, Any]:
        """The answer's schema and example."""
        answer: dict[str, Any] = self.content["responses"][OK]["content"][self.media_type]
        return answer

    @property
    def body(self) -> dict[str, Any] | None:
        """The body's schema and example, where there is a body."""
        body: dict[str, Any] | None = self.content.get("requestBody")
        return body and body["content"]["application/json"]

    def parameters(self, place: str) -> dict[str, dict[str, Any]]:
        """Return the parameters in `path` or `query`, by their names."""
        return {one["name"]: one for one in self.content.get("parameters", []) if one["in"] == place}

    def examples(self, place: str) -> dict[str, Any]:
        """Return the example values of the parameters in `path` or `query`."""
        return {name: one["example"] for name, one in self.parameters(place).items() if "example" in one}


OPERATIONS = tuple(
    Operation(path=path, verb=verb, content=content)
    for path, item in CONTENT["paths"].items()
    for verb, content in item.items()
)


def faults(schema: dict[str, Any], value: object) -> list[str]:
    """Return where a value contradicts a schema; the schema may refer to the document's components."""
    whole = {**schema, "components": CONTENT["components"]}
    validator = OAS30Validator(whole, format_checker=oas30_format_checker)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]
