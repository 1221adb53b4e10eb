"""Waits until the service has folded its journal, which it does after its acknowledgements."""

from __future__ import annotations

import time

from testkit.postgres import query

#: Facts follow within a minute at any load (docs/streams.md#folding); a machine that is too small needs longer.
MAX_FOLD_SECONDS = 600.0
POLL_SECONDS = 0.1

_NOW = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS double precision)"
_FOLDED_AT = "SELECT CAST(EXTRACT(EPOCH FROM min(folded_at)) AS double precision) FROM session_groups"


def await_folded(database: str) -> float:
    """Return after how many seconds everything is folded that is in the journal now.

    Raises:
        TimeoutError: folding does not come to an end.
    """
    started = time.monotonic()
    appended_at = _number(database, _NOW)
    while _number(database, _FOLDED_AT) < appended_at:
        if time.monotonic() - started > MAX_FOLD_SECONDS:
            raise TimeoutError(f"the journal is not folded after {MAX_FOLD_SECONDS:.0f} s")
        time.sleep(POLL_SECONDS)
    return time.monotonic() - started


def _number(database: str, statement: str) -> float:
    [(value,)] = query(database, statement)
    return float(str(value))
