"""Divide the facts of the tracking service among the workers of a Citus cluster."""

from __future__ import annotations

from typing import Annotated

import typer

from attendancectl.options import AsJson
from attendancectl.output import print_json
from tracking_service.distribute import DEFAULT_SHARDS, distributed, planned, said

EXAMPLE = "DATABASE_URL=postgresql://postgres@coordinator/astegni attendancectl distribute --shards 8 --yes"


def run(
    *,
    shards: Annotated[int, typer.Option(metavar="NUMBER", help="A power of two, fixed from then on.")] = DEFAULT_SHARDS,
    yes: Annotated[bool, typer.Option("--yes", help="Do it. Else it only says what it would do.")] = False,
    as_json: AsJson = False,
) -> None:
    """Divide the facts of the tracking service among the workers of a Citus cluster. On trial; it can't be undone.

    docs/several-databases.md says what has to be there, and what does not work yet. DATABASE_URL is a superuser's login
    on the coordinator; the tracking services have to be stopped. It may be repeated: after a failure, after migrations,
    and after a worker was added. Exit status: 0 done, or nothing to do; 1 not done.
    """
    to_do = planned(shards)
    if not as_json:
        for line in said(to_do):
            typer.echo(line)
    done = distributed(to_do) if yes else []
    if as_json:
        print_json({**to_do._asdict(), "done": done})
    else:
        for line in done:
            typer.echo(line)
