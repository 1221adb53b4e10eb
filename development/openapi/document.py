"""The whole document."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from google.protobuf.descriptor_pb2 import FileDescriptorSet

from development.openapi.calls import SERVICES, calls
from development.openapi.comments import comments
from development.openapi.examples import examples, failures
from development.openapi.failures import SCHEMA, component_responses
from development.openapi.operations import operation
from development.openapi.schemas import component_schemas
from development.protos import DESCRIPTOR_SET, ROOT

#: Committed, so that a change of the API shows in a review; a test compares it with the protos.
DOCUMENT = ROOT / "gateway" / "web" / "openapi.json"
#: 3.1 and later are not read yet by many of the generators of clients.
OPENAPI_VERSION = "3.0.3"
TITLE = "Attendance by connection"
#: Of the protos' packages.
API_VERSION = "v1"
#: What whoever reads the document needs to know before the first call.
OVERVIEW = Path(__file__).resolve().parent / "overview.md"


def document() -> dict[str, Any]:
    """Return the OpenAPI document."""
    said = comments(FileDescriptorSet.FromString(DESCRIPTOR_SET.read_bytes()))
    offered, shown = calls(), examples()
    paths: dict[str, dict[str, Any]] = {}
    for call in offered:
        paths.setdefault(call.path, {})[call.verb] = operation(call, said, shown[call.name])
    return {
        "openapi": OPENAPI_VERSION,
        "info": {"title": TITLE, "version": API_VERSION, "description": OVERVIEW.read_text()},
        "tags": [{"name": tag, "description": said[service.full_name]} for tag, service in SERVICES.items()],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            "schemas": {**component_schemas(offered, said), "Error": SCHEMA},
            "responses": component_responses(failures()),
        },
    }


def rendered() -> str:
    """Return the document as it is committed."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"
