"""The root of the repository, and the files in it that people write."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

#: Folders of generated or installed files.
_NOT_WRITTEN = frozenset({"__pycache__", "astegni", "node_modules", "released"})
_TEXT_SUFFIXES = frozenset(
    {".css", ".example", ".html", ".js", ".md", ".mjs", ".proto", ".py", ".sh", ".toml", ".yaml", ".yml"}
)
_TEXT_NAMES = frozenset({"Dockerfile", "Makefile"})


def text_files() -> Iterator[Path]:
    """Yield every text file of the repository that is written by hand, in a fixed order."""
    for entry in sorted(ROOT.iterdir()):
        if entry.is_file():
            yield from filter(_is_text, [entry])
        elif not entry.name.startswith(".") and entry.name not in _NOT_WRITTEN:
            yield from (file for file in sorted(entry.rglob("*")) if _is_text(file) and _is_written(file))


def _is_text(file: Path) -> bool:
    return file.is_file() and (file.suffix in _TEXT_SUFFIXES or file.name in _TEXT_NAMES)


def _is_written(file: Path) -> bool:
    return _NOT_WRITTEN.isdisjoint(file.relative_to(ROOT).parts)
