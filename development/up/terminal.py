"""What the person who ran `make up` sees: the summary once everything runs, and warnings from the logs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from development.demo.tokens import people_file
from development.environment import ROOT, DevelopmentSettings, replica_ports
from development.up.certificates import authority_file, certificate_ends

#: A token of one person of each role is shown, in this order.
ROLES_SHOWN = ("tutor", "parent", "student")
#: Levels of the services' JSON lines that are shown.
NOTEWORTHY_LEVELS = frozenset({"warning", "error", "critical"})
#: A few lines on a terminal; the log has the rest.
MAX_SHOWN_CHARACTERS = 300
_ENVOY_LINE = re.compile(r"^\[[^]]+\]\[\d+\]\[(warning|error|critical)\]")
_POSTGRESQL_LINE = re.compile(r"\b(WARNING|ERROR|FATAL|PANIC):\s")
_ERROR_LINE = re.compile(r"^[\w.]+(Error|Exception)\b")


def summary(settings: DevelopmentSettings, database_url: str) -> str:
    """Return the table of what runs where, tokens to use, and what to try."""
    gateway = f"localhost:{settings.gateway_port}"
    secure = "s" if settings.tls else ""
    url = f"http{secure}://{gateway}"
    rows = (
        ("page", f"{url}/"),
        ("REST API", f"{url}/api/..., described at {url}/docs"),
        ("gRPC API", f"{gateway}, {'TLS' if settings.tls else 'plaintext'}"),
        ("tracking service", _replicas(settings.tracking_port, settings)),
        ("attendance service", _replicas(settings.attendance_port, settings)),
        ("presence socket", f"ws{secure}://{gateway}/ws/whiteboard/..., described in docs/presence-socket.md"),
        ("PostgreSQL", _psql(settings, database_url)),
        ("logs", f"{_short(settings.state_directory / 'logs')}/"),
        *_monitoring(settings),
    )
    width = max(len(name) for name, _ in rows)
    table = [f"  {name:<{width}}  {where}" for name, where in rows]
    tokens = _tokens(people_file(settings.state_directory))
    return "\n".join(["", "Running:", *table, "", *tokens, "", *_hints(url, settings)])


def is_noteworthy(line: str) -> bool:
    """Return whether a log line of a service, of Envoy or of PostgreSQL is a warning or worse."""
    record = _record(line)
    if record:
        return record.get("level") in NOTEWORTHY_LEVELS
    return bool(_ENVOY_LINE.match(line) or _POSTGRESQL_LINE.search(line))


def brief(line: str) -> str:
    """Shorten a log line; of a JSON one, keep the level, the message, and the line that names an exception."""
    record = _record(line)
    if "message" in record:
        line = ": ".join([f"{record.get('level')}: {record['message']}", *_error_line(record.get("exception"))])
    return line if len(line) <= MAX_SHOWN_CHARACTERS else f"{line[:MAX_SHOWN_CHARACTERS]} ..."


def _replicas(first_port: int, settings: DevelopmentSettings) -> str:
    return ", ".join(f"localhost:{port}" for port in replica_ports(first_port, settings.replicas))


def _monitoring(settings: DevelopmentSettings) -> list[tuple[str, str]]:
    if not settings.monitoring:
        return []
    first = (settings.tracking_metrics_port, settings.attendance_metrics_port, settings.socket_metrics_port)
    paths = [f"localhost:{port}/metrics" for port in first]
    gateway = f"localhost:{settings.gateway_metrics_port}/stats/prometheus"
    prometheus = f"http://localhost:{settings.prometheus_port}/, where it is installed"
    alertmanager = f"http://localhost:{settings.alertmanager_port}/, the same"
    return [("metrics", ", ".join([*paths, gateway])), ("Prometheus", prometheus), ("Alertmanager", alertmanager)]


def _psql(settings: DevelopmentSettings, database_url: str) -> str:
    if settings.database_url:
        return "the one of DATABASE_URL; `make psql` opens it"
    url = make_url(database_url)
    return f"psql -h {url.query['host']} -U {url.username} -d {url.database}   (or: make psql)"


def _hints(url: str, settings: DevelopmentSettings) -> list[str]:
    trusted = _short(authority_file(settings.state_directory))
    option = f"--cacert {trusted} " if settings.tls else ""
    return [
        *(_trust(trusted, settings) if settings.tls else []),
        "Try:",
        f'  curl {option}-H "Authorization: Bearer $(make token ARGS="--user 101 --role tutor")" \\',
        f"    {url}/api/tutor/sessions/1/attendance-suggestion",
        "",
        *(["A replica that is killed or stopped is started again: kill PID.", ""] if settings.replicas > 1 else []),
        "Ctrl-C here, or `make down` in another shell, stops everything. Warnings are shown below.",
    ]


def _trust(authority: Path, settings: DevelopmentSettings) -> list[str]:
    certificates_end, authority_ends = certificate_ends(settings.state_directory)
    return [
        f"Browsers warn until you import {authority} as an authority for websites.",
        f"It ends on {authority_ends:%Y-%m-%d}; the certificates, new at each start, on {certificates_end:%Y-%m-%d}.",
        "",
    ]


def _tokens(file: Path) -> list[str]:
    if not file.exists():
        return ["The database has users of its own, so there is no demo data."]
    people = json.loads(file.read_text())
    shown = [next(person for person in people if person["role"] == role) for role in ROLES_SHOWN]
    return ["Tokens:", *(f"  {person['role']} {person['name']}\n    {person['token']}" for person in shown)]


def _short(path: Path) -> Path:
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


def _record(line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def _error_line(exception: object) -> list[str]:
    """Return the line of a traceback that names the error; lines with details may follow it."""
    lines = str(exception or "").splitlines()
    return [next((line for line in lines if _ERROR_LINE.match(line)), lines[-1])] if lines else []
