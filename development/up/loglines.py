"""Which log lines belong on the terminal."""

from __future__ import annotations

import json
import re

#: Levels of the services (JSON lines) that ask for attention.
NOTEWORTHY_LEVELS = frozenset({"warning", "error", "critical"})
_ENVOY_LINE = re.compile(r"^\[[^]]+\]\[\d+\]\[(warning|error|critical)\]")
_POSTGRESQL_LINE = re.compile(r"\b(WARNING|ERROR|FATAL|PANIC):\s")


def is_noteworthy(line: str) -> bool:
    """Tell whether a line of a service, of Envoy or of PostgreSQL is a warning or worse."""
    if line.startswith("{"):
        return _level(line) in NOTEWORTHY_LEVELS
    return bool(_ENVOY_LINE.match(line) or _POSTGRESQL_LINE.search(line))


def _level(line: str) -> object:
    try:
        return json.loads(line).get("level")
    except ValueError:
        return None
