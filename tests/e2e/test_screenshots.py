"""`make screenshots`: the pictures of the documents can be taken."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from testkit import screenshots


@pytest.mark.thorough
def test_every_picture_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(screenshots, "IMAGES", tmp_path)
    monkeypatch.setattr(sys, "argv", ["screenshots"])
    screenshots.main()
    assert {file.stem for file in tmp_path.iterdir()} == {picture.name for picture in screenshots.PICTURES}
