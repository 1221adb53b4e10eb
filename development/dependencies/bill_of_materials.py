"""sbom.json: the bill of materials of what is delivered, in CycloneDX, as `cyclonedx-py` describes it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from development.dependencies.locked import ROOT, Package, python_packages
from development.dependencies.parts import Part, parts

BILL = ROOT / "sbom.json"
_ROOT_COMPONENT = "root-component"


def bill_of_materials() -> dict[str, Any]:
    """Return the bill; the same for the same lock file, wherever it is made. PackageNotFoundError."""
    packages = {one.name: one for one in python_packages("requirements.lock")}
    described = _described_environment()
    components = [one for one in described["components"] if _project_name(one["name"]) in packages]
    kept = {_ROOT_COMPONENT, *(one["bom-ref"] for one in components)}
    described["components"] = [
        *(_component(one, packages[_project_name(one["name"])]) for one in components),
        *(_part(one) for one in parts()),
    ]
    described["dependencies"] = [_within(one, kept) for one in described["dependencies"] if one["ref"] in kept]
    for tool in described["metadata"]["tools"]["components"]:
        tool.pop("externalReferences", None)
    return described


def rendered() -> str:
    """Return the bill as it is written."""
    return json.dumps(bill_of_materials(), indent=2, sort_keys=True) + "\n"


def _described_environment() -> dict[str, Any]:
    """Return what is installed, development packages and all."""
    # The tests validate it; here that would take ten seconds.
    options = [
        "--no-validate",
        "--output-reproducible",
        "--short-PURLs",
        "--pyproject",
        "pyproject.toml",
        "--of",
        "JSON",
    ]
    command = [sys.executable, "-W", "ignore", "-m", "cyclonedx_py", "environment", *options, sys.executable]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    described: dict[str, Any] = json.loads(done.stdout)
    return described


def _component(described: Mapping[str, Any], package: Package) -> dict[str, Any]:
    """Return a package without the addresses of its project, and with its licence in one form."""
    kept = {name: value for name, value in described.items() if name != "externalReferences"}
    return {**kept, "licenses": [{"expression": package.licence}]}


def _part(part: Part) -> dict[str, Any]:
    version = {"version": part.version} if part.version else {}
    return {
        "bom-ref": f"{part.kind}:{part.name}",
        "type": part.kind,
        "name": part.name,
        **version,
        "licenses": [{"expression": part.licence}],
    }


def _within(dependency: Mapping[str, Any], kept: set[str]) -> dict[str, Any]:
    return {"ref": dependency["ref"], "dependsOn": [one for one in dependency.get("dependsOn", ()) if one in kept]}


def _project_name(name: str) -> str:
    """Return a package's name as lock files write it."""
    return re.sub(r"[-_.]+", "-", name).lower()
