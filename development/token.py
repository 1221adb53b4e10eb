"""Print a bearer token like the platform's, for a person or for a service.

It is signed with JWT_HS256_SECRET, else with the secret that `make up` uses.
"""

from __future__ import annotations

import argparse
from datetime import timedelta

from development.environment import DevelopmentSettings, read_dotenv, signing_secret
from servicekit.auth.issuer import issue_token
from servicekit.auth.principal import SERVICE_ROLE
from servicekit.clock import SystemClock
from servicekit.identifiers import MAX_ID
from servicekit.settings import load

#: A long working day.
DEFAULT_HOURS = 12.0


def main(arguments: list[str] | None = None) -> None:
    """Print one token and nothing else."""
    subject, role, lifetime = _parsed(arguments)
    read_dotenv()
    settings = load(DevelopmentSettings)
    print(
        issue_token(
            signing_secret(settings),
            subject=subject,
            role=role,
            clock=SystemClock(),
            lifetime=lifetime,
            origin=settings.token_origin,
        )
    )


def _parsed(arguments: list[str] | None) -> tuple[str, str, timedelta]:
    parser = argparse.ArgumentParser(prog='make token ARGS="..."', description=__doc__)
    parser.add_argument("--user", type=_user_id, metavar="ID", help="users.id of the person, for instance 101")
    parser.add_argument("--role", metavar="ROLE", help="active role of the person: tutor, student, parent or admin")
    parser.add_argument("--service", metavar="NAME", help="instead of a person: the name of a relay or service")
    parser.add_argument("--hours", type=_hours, default=timedelta(hours=DEFAULT_HOURS), help="lifetime; default: 12")
    chosen = parser.parse_args(arguments)
    if chosen.service:
        if chosen.user or chosen.role:
            parser.error("--service excludes --user and --role")
        return chosen.service, SERVICE_ROLE, chosen.hours
    if not (chosen.user and chosen.role):
        parser.error("name the subject: --user and --role of a person, or --service")
    return chosen.user, chosen.role, chosen.hours


def _user_id(text: str) -> str:
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= MAX_ID):
        raise argparse.ArgumentTypeError(f"{text!r} is not a users.id, a whole number from 1")
    return str(int(text))


def _hours(text: str) -> timedelta:
    try:
        lifetime = timedelta(hours=float(text))
    except (ValueError, OverflowError) as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of hours") from error
    if lifetime <= timedelta(0):
        raise argparse.ArgumentTypeError("the lifetime must be more than 0 hours")
    return lifetime


if __name__ == "__main__":
    main()
