from __future__ import annotations

import re
from pathlib import Path

import pytest
from google.api import annotations_pb2
from google.protobuf.descriptor import MethodDescriptor

from astegni.attendance.v1 import attendance_pb2
from astegni.tracking.v1 import tracking_pb2
from testkit import screenshots
from testkit.source_tree import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
#: Where reasons, settings and constants that documents name are declared; the table of errors is compared elsewhere.
NAMES_IN_CAPITALS = "\n".join(
    file.read_text()
    for file in (
        ROOT / "docs" / "errors.md",
        ROOT / ".env.example",
        ROOT / "gateway" / "envoy.yaml",
        ROOT / "gateway" / "presence_socket" / "instruments.py",
        ROOT / "gateway" / "presence_socket" / "protocol.py",
        ROOT / "gateway" / "web" / "modules" / "presence-transports.js",
        ROOT / "servicekit" / "rpc" / "server.py",
    )
)
#: Paths of all files, from a slash on.
PATHS = [
    f"/{file.relative_to(ROOT)}"
    for folder in sorted(ROOT.iterdir())
    if folder.is_dir() and not folder.name.startswith((".", "node_modules"))
    for file in folder.rglob("*")
    if file.suffix != ".pyc"
]
PICTURES = ROOT / "docs" / "images"
#: Pictures are loaded with the page that shows them, and kept in the history of the repository.
MAX_PICTURE_BYTES = 200_000
API = (ROOT / "docs" / "api.md").read_text()
METHODS = [
    method
    for file in (tracking_pb2, attendance_pb2)
    for service in file.DESCRIPTOR.services_by_name.values()
    for method in service.methods
]
TARGETS = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
VERBS = ("get", "put", "post", "delete", "patch")


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_a_call_is_documented_with_its_path(method: MethodDescriptor) -> None:
    row = re.search(rf"^\| `{method.name}` \| (.+?) \|", API, re.MULTILINE)
    assert row is not None
    path = _path(method)
    assert row[1] == f"`{path}`" if path else row[1] in {"gRPC only", "—"}


def test_no_call_is_documented_that_does_not_exist() -> None:
    documented = re.findall(r"^\| `(\w+)` \|", API, re.MULTILINE)
    assert sorted(documented) == sorted(method.name for method in METHODS)


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_of_the_makefile_is_in_the_readme(target: str) -> None:
    assert re.search(rf"\bmake {target}\b", (ROOT / "README.md").read_text())


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text())
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT)))
def test_targets_that_a_document_names_exist(document: Path) -> None:
    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", document.read_text(), re.MULTILINE))
    assert named - set(TARGETS) == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT)))
def test_modules_that_a_document_names_exist(document: Path) -> None:
    named = set(re.findall(r"python -m ([a-z_.]+)", document.read_text()))
    files = [ROOT / module.replace(".", "/") for module in named]
    assert [file for file in files if not (file.with_suffix(".py").exists() or (file / "__main__.py").exists())] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT)))
def test_files_that_a_document_names_exist(document: Path) -> None:
    """Paths are given from the root, or from a folder of which the document speaks."""
    named = set(re.findall(r"`(\w[\w./-]*/(?:[\w.-]+\.(?:py|js|yaml|json|html|css))?)`", document.read_text()))
    assert [path for path in named if not any(f"/{path}" in known for known in PATHS)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT)))
def test_reasons_settings_and_constants_that_a_document_names_exist(document: Path) -> None:
    named = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`", document.read_text()))
    assert [word for word in named if not re.search(rf"\b{word}\b", NAMES_IN_CAPITALS)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT)))
def test_every_row_of_a_table_has_as_many_cells_as_its_header(document: Path) -> None:
    tables = re.findall(r"(?:^\|.*\n)+", document.read_text(), re.MULTILINE)
    assert [
        row
        for table in tables
        for header, *rows in [table.splitlines()]
        for row in rows
        if _cells(row) != _cells(header)
    ] == []


def test_pictures_that_the_documents_show_exist_and_no_others() -> None:
    shown = {
        (document.parent / path).resolve()
        for document in DOCUMENTS
        for path in re.findall(r"(?:!\[[^\]]*\]\(|<img src=\")([^)\"\s]+)", document.read_text())
        if "://" not in path
    }
    assert shown == set(PICTURES.iterdir())


@pytest.mark.parametrize("picture", sorted(PICTURES.iterdir()), ids=lambda picture: picture.name)
def test_a_picture_is_small(picture: Path) -> None:
    assert picture.stat().st_size <= MAX_PICTURE_BYTES


def test_each_picture_is_made_by_the_target() -> None:
    assert {f"{picture.name}.png" for picture in screenshots.PICTURES} == {file.name for file in PICTURES.iterdir()}


def _path(method: MethodDescriptor) -> str | None:
    rule = method.GetOptions().Extensions[annotations_pb2.http]
    return next((f"{verb.upper()} {path}" for verb in VERBS if (path := getattr(rule, verb))), None)


def _cells(row: str) -> int:
    """Return how many cells a row of a table has; in code and after a backslash, `|` separates nothing."""
    return re.sub(r"`[^`]*`|\\.", "", row).count("|") - 1
