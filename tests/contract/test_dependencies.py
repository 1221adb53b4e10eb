"""docs/licences.md is complete, and the bill of materials names what the lock file pins."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from development.dependencies.bill_of_materials import rendered
from development.dependencies.licences import DOCUMENT, document
from development.dependencies.locked import pins


@pytest.fixture(scope="module")
def bill() -> str:
    return rendered()


def test_the_list_of_licences_is_up_to_date() -> None:
    assert DOCUMENT.read_text() == document(), "write it again with: make sbom"


def test_the_bill_names_every_package_that_is_delivered_and_no_other(bill: str) -> None:
    content: dict[str, Any] = json.loads(bill)
    named = {one["purl"] for one in content["components"] if one["type"] == "library"}
    assert named == {f"pkg:pypi/{name}@{version}" for name, version in pins("requirements.lock").items()}


def test_the_bill_says_which_package_needs_which(bill: str) -> None:
    needs = {one["ref"].partition("==")[0]: one["dependsOn"] for one in json.loads(bill)["dependencies"]}
    assert any(one.startswith("grpcio==") for one in needs["grpcio-status"])
    assert needs["root-component"]


def test_the_bill_is_valid_and_names_no_place(bill: str) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(bill) is None
    content: dict[str, Any] = json.loads(bill)
    del content["$schema"]
    assert "://" not in json.dumps(content)
