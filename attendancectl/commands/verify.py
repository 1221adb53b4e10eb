"""Verify that nobody has rewritten the ledger."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.progress import Progress

from attendance_service.verify import verified
from attendancectl.options import DONE, FOUND, AsJson
from attendancectl.output import print_json, progress_console

EXAMPLE = "attendancectl verify --checkpoint 5f0c..."


def run(
    *,
    checkpoint: Annotated[
        list[str] | None,
        typer.Option(metavar="HASH", help="A checkpoint's hash that was kept elsewhere; may be repeated."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Verify the ledger: that no row was changed, deleted, or added past its chain, and no chain rewritten.

    It reads only, and may run while the services do. docs/decisions.md#hash-chains says what it proves. Exit status: 0
    intact, 1 something was found, 2 not verified.
    """
    with Progress(console=progress_console(), transient=True, disable=as_json) as shown:
        task = shown.add_task("sessions", total=None)
        found = verified(checkpoint or [], progress=lambda read, total: shown.update(task, completed=read, total=total))
    if as_json:
        print_json(asdict(found))
    else:
        for line in found.lines():
            typer.echo(line)
    raise typer.Exit(FOUND if found.findings else DONE)
