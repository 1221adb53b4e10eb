"""Run `attendancectl` on what `make up` runs: its database, its secret, its ports (ARGS=--help explains).

What the environment or `.env` sets counts more.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from development.environment import (
    LOOPBACK,
    ROOT,
    DevelopmentSettings,
    read_dotenv,
    replica_addresses,
    running_database,
    signing_secret,
)
from development.up.certificates import authority_file
from servicekit.settings import load

#: They say what is wrong without a database, or need none.
WITHOUT_DATABASE = frozenset({"doctor", "report", "token"})


def main() -> None:
    """Become `attendancectl`, with the arguments of this command."""
    read_dotenv()
    arguments = sys.argv[1:]
    local = operators_environment(load(DevelopmentSettings), needs_database=needs_database(arguments))
    # An empty variable counts as unset.
    given = {name: value for name, value in os.environ.items() if value}
    program = [sys.executable, "-m", "attendancectl", *arguments]
    os.execve(sys.executable, program, {**local, **given, "PYTHONPATH": str(ROOT)})  # noqa: S606 - the developer's own arguments


def needs_database(arguments: Sequence[str]) -> bool:
    """Return whether a command line can do nothing without a database."""
    return bool(arguments) and arguments[0] not in WITHOUT_DATABASE and "--help" not in arguments


def operators_environment(settings: DevelopmentSettings, *, needs_database: bool) -> dict[str, str]:
    """Return what `make up` gives to its processes; end the process if a database is needed and missing."""
    local = {
        "JWT_HS256_SECRET": signing_secret(settings),
        "STATE_DIRECTORY": str(settings.state_directory),
        "TRACKING_ADDRESS": replica_addresses(settings.tracking_port, settings.replicas),
        "ATTENDANCE_ADDRESS": replica_addresses(settings.attendance_port, settings.replicas),
        "SOCKET_ADDRESS": replica_addresses(settings.socket_port, settings.replicas),
        "GATEWAY_PROBE_ADDRESS": f"{LOOPBACK}:{settings.gateway_port}",
    }
    if needs_database or settings.database_url_file.exists():
        local["DATABASE_URL"] = running_database(settings)
    authorities = authority_file(settings.state_directory)
    if settings.tls and authorities.exists():
        local["GATEWAY_PROBE_CA_FILE"] = str(authorities)
    return local


if __name__ == "__main__":
    main()
