"""Files that tests replace while processes read them."""

from __future__ import annotations

from pathlib import Path


def replace(file: Path, text: str) -> Path:
    """Put another file in its place, all at once, and return it."""
    draft = file.with_name(f".{file.name}")
    draft.write_text(text)
    return draft.replace(file)
