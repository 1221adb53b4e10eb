"""Which log lines belong on the terminal, and in how many words."""

from __future__ import annotations

import json
import re
from typing import Any

#: Levels of the services (JSON lines) that ask for attention.
NOTEWORTHY_LEVELS = frozenset({"warning", "error", "critical"})
#: A few lines of a terminal; the log has the rest.
LONGEST_SHOWN = 300
_ENVOY_LINE = re.compile(r"^\[[^]]+\]\[\d+\]\[(warning|error|critical)\]")
_POSTGRESQL_LINE = re.compile(r"\b(WARNING|ERROR|FATAL|PANIC):\s")


def is_noteworthy(line: str) -> bool:
    """Tell whether a line of a service, of Envoy or of PostgreSQL is a warning or worse."""
    record = _record(line)
    if record:
        return record.get("level") in NOTEWORTHY_LEVELS
    return bool(_ENVOY_LINE.match(line) or _POSTGRESQL_LINE.search(line))


def brief(line: str) -> str:
    """Return what a person needs of a line: of a JSON one the level, the message, and the last line of an exception."""
    record = _record(line)
    if "message" in record:
        words = [f"{record.get('level')}: {record['message']}", *_last_line(record.get("exception"))]
        line = ": ".join(words)
    return line if len(line) <= LONGEST_SHOWN else f"{line[:LONGEST_SHOWN]} ..."


def _record(line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def _last_line(exception: object) -> list[str]:
    """Return the line of a traceback that names the error, which details may follow."""
    lines = str(exception or "").splitlines()
    return [next((line for line in lines if re.match(r"^[\w.]+(Error|Exception)\b", line)), lines[-1])] if lines else []
