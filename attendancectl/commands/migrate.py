"""Bring the tables of both services up to date."""

from __future__ import annotations

import typer

from attendance_service import migrate as attendance
from attendancectl.options import AsJson
from attendancectl.output import print_json
from tracking_service import migrate as tracking

EXAMPLE = "DATABASE_URL=postgresql://owner@database/astegni attendancectl migrate"
#: In the order in which they must run: the tables of the second refer to those of the first.
_SERVICES = {"tracking_service": tracking.migrated, "attendance_service": attendance.migrated}


def run(*, as_json: AsJson = False) -> None:
    """Bring the tables of both services up to date, those of the tracking service first.

    DATABASE_URL is a login that owns the tables. docs/operations.md#migrations says which revisions need services to be
    stopped. If a service refuses, nothing of it is changed, and it says why (status 1).
    """
    done = {}
    for service, migrated in _SERVICES.items():
        done[service] = migrated()
        if not as_json:
            for note in done[service]:
                typer.echo(f"{service}: {note}")
    if as_json:
        print_json(done)
