"""Several replicas of the service on one database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from testkit.service_process import ServiceProcess, tracking_process


@contextmanager
def replicas(database: str, count: int, logs: Path) -> Iterator[list[ServiceProcess]]:
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                tracking_process(database, logs / f"{count}-{number}.log", PRESENCE_TIMEOUT_SECONDS="3600")
            )
            for number in range(count)
        ]
