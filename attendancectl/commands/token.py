"""Print a bearer token like the platform's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from attendancectl.options import AsJson, refuse, user_id
from attendancectl.output import print_json
from servicekit.auth.issuer import TokenOrigin, issue_token
from servicekit.auth.keys import KeysInvalid, VerificationKey, load_keys
from servicekit.auth.principal import SERVICE_ROLE
from servicekit.clock import SystemClock
from servicekit.identifiers import UserId
from servicekit.settings import IdentitySettings, load

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
    settings = load(IdentitySettings)
    key = _signing_key(settings)
    clock = SystemClock()
    token = issue_token(
        key.secret,
        subject=subject,
        role=as_role,
        clock=clock,
        lifetime=hours,
        origin=TokenOrigin(settings.jwt_issuer, settings.jwt_audience),
        key_id=key.key_id,
    )
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


def _signing_key(settings: IdentitySettings) -> VerificationKey:
    try:
        keys = load_keys(settings.jwt_hs256_secret.get_secret_value(), settings.jwt_jwks_file)
    except KeysInvalid as error:
        refuse(str(error))
    key = keys.signing_key(SystemClock().now())
    if key is None:
        refuse("No key can sign: set JWT_HS256_SECRET, or put a key of type oct into JWT_JWKS_FILE.")
    return key
