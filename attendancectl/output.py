"""How commands print: for people by rich, for scripts as one JSON object."""

from __future__ import annotations

import json
import sys
from datetime import date
from decimal import Decimal

from rich.console import Console


def console() -> Console:
    """Return the terminal, or a plain stream of lines where there is none."""
    return Console(highlight=False, soft_wrap=not sys.stdout.isatty())


def progress_console() -> Console:
    """Return where progress is shown: apart from results, so that these can be piped."""
    return Console(stderr=True, highlight=False)


def print_json(value: object) -> None:
    """Print a value of dicts, lists, texts, numbers and times; these as ISO 8601."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2, default=_plain)
    sys.stdout.write("\n")


def _plain(value: object) -> object:
    match value:
        case Decimal():
            return float(value)
        case date():
            return value.isoformat()
        case _:
            raise TypeError(f"{type(value).__name__} is not printed as JSON")
