"""What comments and documents cite has to be there: a document of this repository and a heading in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from testkit.source_tree import ROOT, text_files

FILES = [file for file in text_files() if file != Path(__file__)]
#: In comments, docstrings and messages, with the path from the root.
_CITATION = re.compile(r"\b(?P<path>docs/[\w/-]+\.md)(?:#(?P<anchor>[\w-]+))?")
#: In documents, with the path from their own folder.
_LINK = re.compile(r"\]\((?P<path>[^)#\s:]*)#(?P<anchor>[^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+?)\s*#*$", re.MULTILINE)
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_ANOTHER_DESIGN = re.compile(r"\bDESIGN(?: \d|\.md)")


class Citation(NamedTuple):
    """A place in a document, as some line names it."""

    line: int
    document: Path
    anchor: str


def test_every_cited_document_and_heading_is_there() -> None:
    assert [_place(file, citation) for file in FILES for citation in citations(file) if not is_there(citation)] == []


def test_nothing_cites_a_document_that_is_not_in_the_repository() -> None:
    assert [str(file.relative_to(ROOT)) for file in FILES if _ANOTHER_DESIGN.search(file.read_text())] == []


@pytest.mark.parametrize(
    ("text", "is_fine"),
    [
        ("docs/architecture.md", True),
        ("docs/architecture.md#no-such-heading", False),
        ("docs/no-such-document.md", False),
        ("docs/no-such-document.md#roles", False),
    ],
)
def test_the_check_sees_what_dangles(tmp_path: Path, text: str, *, is_fine: bool) -> None:
    file = tmp_path / "module.py"
    file.write_text(f"# Why: see {text}, and so on.\n")
    (citation,) = citations(file)
    assert is_there(citation) is is_fine


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("Order of arrival", "order-of-arrival"),
        ("One stream, one holder", "one-stream-one-holder"),
        ("`make up`: what it starts", "make-up-what-it-starts"),
        ("The [gateway](gateway.md)", "the-gateway"),
    ],
)
def test_an_anchor_is_made_of_a_heading_as_github_does(heading: str, anchor: str) -> None:
    assert anchor_of(heading) == anchor


def _place(file: Path, citation: Citation) -> str:
    return f"{file.relative_to(ROOT)}:{citation.line} cites {citation.document.name}#{citation.anchor}"


def citations(file: Path) -> Iterator[Citation]:
    """Yield what a file cites, with the numbers of its lines."""
    for number, line in enumerate(file.read_text().splitlines(), start=1):
        for found in _CITATION.finditer(line):
            yield Citation(number, ROOT / found["path"], found["anchor"] or "")
        for link in _LINK.finditer(line) if file.suffix == ".md" else ():
            yield Citation(number, file.parent / link["path"] if link["path"] else file, link["anchor"])


def is_there(citation: Citation) -> bool:
    """Return whether the document exists, and the heading if one is named."""
    if not citation.document.is_file():
        return False
    return not citation.anchor or citation.anchor in anchors(citation.document)


@cache
def anchors(document: Path) -> frozenset[str]:
    """Return the anchors of a document's headings."""
    return frozenset(anchor_of(heading) for heading in _HEADING.findall(_FENCED.sub("", document.read_text())))


def anchor_of(heading: str) -> str:
    """Return GitHub's anchor: lower case, no punctuation, dashes for spaces."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
