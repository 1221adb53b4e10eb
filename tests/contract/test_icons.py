"""Signs are drawings of one sprite: a character of a font that is not installed is an empty box."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from testkit.source_tree import ROOT

WEB = ROOT / "gateway" / "web"
SPRITE = WEB / "assets" / "icons.svg"
FILES = sorted(file for file in WEB.rglob("*") if file.suffix in {".css", ".html", ".js", ".svg"})
#: Pictographs, and the signs that fonts draw as such.
EMOJI = re.compile("[\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\ufe0f\U0001f000-\U0001faff]")
SYMBOL = re.compile(r'<symbol id="([\w-]+)"')
#: `icon("check")`, `iconButton("close", …)`, and names in tables of icons.
NAMED = re.compile(r'\b(?:icon|iconButton)\("([\w-]+)"|\bicon: "([\w-]+)"')


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(WEB).as_posix())
def test_no_file_of_the_pages_has_an_emoji(file: Path) -> None:
    assert EMOJI.findall(file.read_text()) == []


def test_every_icon_that_is_named_is_drawn() -> None:
    drawn = SYMBOL.findall(SPRITE.read_text())
    named = {name for file in FILES for found in NAMED.findall(file.read_text()) for name in found if name}
    assert len(drawn) == len(set(drawn))
    assert named - set(drawn) == set()
