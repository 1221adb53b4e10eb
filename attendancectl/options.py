"""Options that several commands have, and how they refuse a value."""

from __future__ import annotations

from typing import Annotated, NoReturn

import typer

from servicekit.identifiers import MAX_ID, UserId

#: Exit statuses of every command: done; something was found; nothing was done, or the command was used wrongly.
DONE, FOUND, NOT_DONE = 0, 1, 2

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object, for scripts.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def user_id(text: str) -> UserId:
    """Read a users.id."""
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= MAX_ID):
        raise typer.BadParameter(f"{text!r} is not a users.id, a whole number from 1")
    return UserId(int(text))


User = Annotated[UserId, typer.Option("--user", parser=user_id, metavar="ID", help="The person's users.id.")]


def refuse(message: str) -> NoReturn:
    """End the command: it did nothing, and the message says why and what to do."""
    typer.echo(message, err=True)
    raise typer.Exit(NOT_DONE)
