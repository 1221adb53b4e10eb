"""Erase one person from the tables of both services."""

from __future__ import annotations

import sys

import typer

from attendance_service import erase as attendance
from attendancectl.options import AsJson, User, Yes, refuse
from attendancectl.output import print_json
from tracking_service import erase as tracking

EXAMPLE = "attendancectl erase --user 205"


def run(*, user: User, yes: Yes = False, as_json: AsJson = False) -> None:
    """Erase one person from the tables of both services. IT CAN'T BE UNDONE.

    docs/operations.md#erasure says what comes before it. Run `attendancectl export` first, if the person wants their
    data. On a terminal it asks first.
    """
    if sys.stdin.isatty() and not yes and not typer.confirm(f"Erase the user {user} for ever?", err=True):
        refuse("Nothing was done.")
    # Attendance first: from then on it does not ask for the facts of these lessons any more.
    pseudonyms = {}
    for service, erased, said in (
        ("attendance_service", attendance.erased, attendance.said),
        ("tracking_service", tracking.erased, tracking.said),
    ):
        pseudonyms[service] = erased(user)
        if not as_json:
            typer.echo(f"{service}: {said(pseudonyms[service])}")
    if as_json:
        print_json({"user_id": user, "pseudonyms": pseudonyms})
