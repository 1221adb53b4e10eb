"""How commands print: for people by rich, for scripts as one JSON object."""

from __future__ import annotations

import json
import sys

from rich.console import Console


def console() -> Console:
    """Return the terminal, or a plain stream of lines where there is none."""
    return Console(highlight=False, soft_wrap=not sys.stdout.isatty())


def progress_console() -> Console:
    """Return where progress is shown: apart from results, so that these can be piped."""
    return Console(stderr=True, highlight=False)


def print_json(value: object) -> None:
    """Print a value of dicts, lists, texts and numbers; times as ISO 8601."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2, default=str)
    sys.stdout.write("\n")
