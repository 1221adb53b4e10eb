"""The OpenAPI document as a whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from google.protobuf.descriptor_pb2 import FileDescriptorSet

from development.openapi.contract import SERVICES, calls, comments
from development.openapi.examples import examples, failures
from development.openapi.operations import ERROR_SCHEMA, component_responses, operation_of
from development.openapi.schemas import component_schemas
from development.protos import DESCRIPTOR_SET, ROOT

#: Committed, so that reviews show changes of the API; a test compares it with the protos.
DOCUMENT = ROOT / "gateway" / "web" / "openapi.json"
#: Many client generators do not read 3.1 yet.
OPENAPI_VERSION = "3.0.3"
TITLE = "Attendance by connection"
#: Version of the protos' packages.
API_VERSION = "v1"
#: What a reader needs to know before the first call.
OVERVIEW = Path(__file__).resolve().parent / "overview.md"


def document() -> dict[str, Any]:
    """Return the OpenAPI document."""
    texts = comments(FileDescriptorSet.FromString(DESCRIPTOR_SET.read_bytes()))
    offered, examples_by_call = calls(), examples()
    paths: dict[str, dict[str, Any]] = {}
    for call in offered:
        paths.setdefault(call.path, {})[call.verb] = operation_of(call, texts, examples_by_call[call.name])
    return {
        "openapi": OPENAPI_VERSION,
        "info": {"title": TITLE, "version": API_VERSION, "description": OVERVIEW.read_text()},
        "tags": [{"name": tag, "description": texts[service.full_name]} for tag, service in SERVICES.items()],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            "schemas": {**component_schemas(offered, texts), "Error": ERROR_SCHEMA},
            "responses": component_responses(failures()),
        },
    }


def rendered() -> str:
    """Return the document as it is committed."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"
