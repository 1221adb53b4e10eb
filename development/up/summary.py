"""What a newcomer sees once everything runs."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy.engine import make_url

from development.demo.tokens import people_file
from development.environment import ROOT, DevelopmentSettings

#: One of each, in this order.
ROLES_SHOWN = ("tutor", "parent", "student")


def summary(settings: DevelopmentSettings, database_url: str) -> str:
    """Return the table of what runs where, ready tokens, and what to try."""
    gateway = f"localhost:{settings.gateway_port}"
    rows = (
        ("page", f"http://{gateway}/"),
        ("REST API", f"http://{gateway}/api/..., described at http://{gateway}/docs"),
        ("gRPC API", f"{gateway}, plaintext"),
        ("tracking service", f"localhost:{settings.tracking_port}"),
        ("attendance service", f"localhost:{settings.attendance_port}"),
        ("presence socket", f"ws://{gateway}/ws/whiteboard/..., described in docs/presence-socket.md"),
        ("PostgreSQL", _psql(settings, database_url)),
        ("logs", f"{_short(settings.state_directory / 'logs')}/"),
    )
    width = max(len(name) for name, _ in rows)
    table = [f"  {name:<{width}}  {where}" for name, where in rows]
    tokens = _tokens(people_file(settings.state_directory))
    return "\n".join(["", "Running:", *table, "", *tokens, "", *_hints(gateway)])


def _psql(settings: DevelopmentSettings, database_url: str) -> str:
    if settings.database_url:
        return "the one of DATABASE_URL; `make psql` opens it"
    url = make_url(database_url)
    return f"psql -h {url.query['host']} -U {url.username} -d {url.database}   (or: make psql)"


def _hints(gateway: str) -> list[str]:
    return [
        "Try:",
        '  curl -H "Authorization: Bearer $(make token ARGS="--user 101 --role tutor")" \\',
        f"    http://{gateway}/api/tutor/sessions/1/attendance-suggestion",
        "",
        "Ctrl-C here, or `make down` elsewhere, stops all of it. Warnings of what runs follow.",
    ]


def _tokens(file: Path) -> list[str]:
    if not file.exists():
        return ["The database has users of its own, so there is no demo data."]
    people = json.loads(file.read_text())
    shown = [next(person for person in people if person["role"] == role) for role in ROLES_SHOWN]
    return ["Tokens:", *(f"  {person['role']} {person['name']}\n    {person['token']}" for person in shown)]


def _short(path: Path) -> Path:
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
