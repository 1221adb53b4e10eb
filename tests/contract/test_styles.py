"""Styles name sides by the direction of writing, so that they fit a language that is written from right to left."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from testkit.source_tree import ROOT

STYLES = sorted((ROOT / "gateway" / "web" / "assets" / "styles").glob("*.css"))
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
#: Properties and values that name a side of the screen: `margin-left`, `left: 0`, `text-align: right`.
SIDE = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right)[\w-]*"
    r"|border-(?:top|bottom)-(?:left|right)-radius|(?:left|right)(?=\s*:)"
    r"|(?:text-align|float|clear|caption-side)\s*:\s*(?:left|right))\b"
)
#: A box whose sides are given in one: `inset: 0 auto auto 0`, `margin: 0 1rem 0 0`.
BOX = re.compile(r"(?<![\w-])(?:inset|margin|padding)\s*:\s*([^;}]+)")
#: One value, which may be a function: `calc(1rem + var(--s2))`.
VALUE = re.compile(r"(?:[^\s()]|\((?:[^()]|\([^()]*\))*\))+")
#: A box with so many values has one for each side: top, right, bottom, left.
EACH_SIDE = 4


def is_lopsided(box: str) -> bool:
    """Return whether a box has another value for the right than for the left."""
    values = VALUE.findall(box)
    return len(values) == EACH_SIDE and values[1] != values[3]


@pytest.mark.parametrize("file", STYLES, ids=lambda file: file.stem)
def test_a_style_names_no_side_of_the_screen(file: Path) -> None:
    css = COMMENT.sub("", file.read_text())
    assert SIDE.findall(css) == []
    assert [box for box in BOX.findall(css) if is_lopsided(box)] == []
