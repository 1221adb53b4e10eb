"""Tokens of the demo's people, and the file from which the pages offer them."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

from development.demo.people import PEOPLE, Person
from development.environment import write_privately
from servicekit.auth.issuer import NO_ORIGIN, TokenOrigin, issue_token
from servicekit.clock import SystemClock

#: A working day; `make up` issues new tokens at each start.
LIFETIME = timedelta(hours=12)


def people_file(state_directory: Path) -> Path:
    """Return the file that the gateway serves as /demo-people.json."""
    return state_directory / "demo-people.json"


def demo_token(secret: str, person: Person, origin: TokenOrigin = NO_ORIGIN) -> str:
    """Return a token like the platform's."""
    role_ids: dict[str, str] | None = {person.role: str(person.profile_id)} if person.profile_id else None
    return issue_token(
        secret,
        subject=str(person.user_id),
        role=person.role,
        role_ids=role_ids,
        clock=SystemClock(),
        lifetime=LIFETIME,
        origin=origin,
    )


def write_people(file: Path, secret: str, origin: TokenOrigin = NO_ORIGIN) -> None:
    """Write what the chooser of the pages reads: name, role and token of each person."""
    people = [{"name": known.name, "role": known.role, "token": demo_token(secret, known, origin)} for known in PEOPLE]
    write_privately(file, json.dumps(people, indent=1))
