"""docs/licences.md: the licence of everything that is delivered, and of what is used to build and test it."""

from __future__ import annotations

from collections.abc import Iterable

from development.dependencies.locked import ROOT, Package, npm_packages, pins, python_packages
from development.dependencies.parts import parts

DOCUMENT = ROOT / "docs" / "licences.md"
_INTRODUCTION = """# Licences

What the product is made of besides its own code, with the licence that each part declares (SPDX identifiers).
`make sbom` writes this list, and a bill of materials for tools: `sbom.json`, in CycloneDX.

Of these, `psycopg2-binary` is under the LGPL: it is used as it is published, as a package of its own, which anybody can
replace. Swagger UI, which shows the API's documentation, is inside `swagger-ui-py`.
"""
_TOOLS = """## Used to build and test

Nothing of this is delivered, or in an image.
"""


def document() -> str:
    """Return docs/licences.md; PackageNotFoundError if a package is not installed."""
    delivered = pins("requirements.lock")
    tools = [one for one in python_packages("requirements-development.lock") if one.name not in delivered]
    return "\n".join(
        [
            _INTRODUCTION,
            "## In the services' image\n",
            *_table(python_packages("requirements.lock")),
            "",
            "## Images and fonts\n",
            "| part | version | licence | where |",
            "|---|---|---|---|",
            *(f"| {one.name} | {one.version} | {one.licence} | `{one.where}` |" for one in parts()),
            "",
            _TOOLS,
            *_table([*tools, *npm_packages()]),
            "",
        ]
    )


def _table(packages: Iterable[Package]) -> list[str]:
    rows = [f"| {one.name} | {one.version} | {one.licence} |" for one in packages]
    return ["| package | version | licence |", "|---|---|---|", *rows]
