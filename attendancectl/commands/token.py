"""Print a bearer token like the platform's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from attendancectl.options import AsJson, user_id
from attendancectl.output import print_json
from attendancectl.tokens import signed_token
from servicekit.auth.principal import SERVICE_ROLE
from servicekit.identifiers import UserId

EXAMPLE = "attendancectl token --user 101 --role tutor --hours 1"
#: A long working day.
DEFAULT_HOURS = "12"


def _hours(text: str) -> timedelta:
    try:
        lifetime = timedelta(hours=float(text))
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter(f"{text!r} is not a number of hours") from error
    if lifetime <= timedelta(0):
        raise typer.BadParameter("the lifetime must be more than 0 hours")
    return lifetime


def run(
    *,
    user: Annotated[
        UserId | None, typer.Option(parser=user_id, metavar="ID", help="users.id of the person, for instance 101.")
    ] = None,
    role: Annotated[str, typer.Option(help="Active role of the person: tutor, student, parent or admin.")] = "",
    service: Annotated[str, typer.Option(metavar="NAME", help="Instead of a person: a relay or service.")] = "",
    hours: Annotated[timedelta, typer.Option(parser=_hours, metavar="HOURS", help="Lifetime.")] = DEFAULT_HOURS,  # type: ignore[assignment] # typer parses it
    as_json: AsJson = False,
) -> None:
    """Print a bearer token like the platform's, for a person or for a service, and nothing else.

    It is signed with JWT_HS256_SECRET, or with the newest key of type oct in JWT_JWKS_FILE. Whoever has it may do what
    the person may do: do not leave it in a log.
    """
    subject, as_role = _subject(user, role, service)
    token = signed_token(subject, as_role, hours)
    if as_json:
        print_json({"token": token, "subject": subject, "role": as_role, "expires_at": datetime.now(UTC) + hours})
    else:
        typer.echo(token)


def _subject(user: UserId | None, role: str, service: str) -> tuple[str, str]:
    if service:
        if user or role:
            raise typer.BadParameter("--service excludes --user and --role")
        return service, SERVICE_ROLE
    if user is None or not role:
        raise typer.BadParameter("name the subject: --user and --role of a person, or --service")
    return str(user), role
