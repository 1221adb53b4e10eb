"""Reading server-sent events as EventSource does (HTML Standard, 9.2), with headers, which EventSource can't send."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any


def messages(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield the data of each event, which is JSON; comments and other fields are ignored."""
    data: list[str] = []
    for line in lines:
        if line.startswith("data:"):
            data.append(line.removeprefix("data:").removeprefix(" "))
        elif not line and data:
            yield json.loads("\n".join(data))
            data.clear()
