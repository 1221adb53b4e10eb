"""Bringing a PostgreSQL to a halt without ending it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from development.postgres import EmbeddedPostgres
from tests.postgres import query


@contextmanager
def halted(server: EmbeddedPostgres) -> Iterator[None]:
    """Stop every process of the server in the middle of what it does (SIGSTOP), and let them go on at the end.

    The kernel still takes in what is sent to it: to its clients it is there, and silent.
    """
    ((directory,),) = query(server.url(), "SHOW data_directory")
    process_id = int((Path(str(directory)) / "postmaster.pid").read_text().splitlines()[0])
    postmaster = psutil.Process(process_id)
    # The postmaster first: it starts no further process then.
    postmaster.suspend()
    processes = [postmaster, *postmaster.children(recursive=True)]
    try:
        for process in processes:
            process.suspend()
        yield
    finally:
        for process in reversed(processes):
            process.resume()
