"""Export what this service has recorded about one person, as JSON: docs/operations.md#personal-data.

It reads only, and may run while the service does.
"""

from __future__ import annotations

import json
import sys

from attendance_service.migrations.history import HISTORY
from attendance_service.store.personal_data import Export, export
from servicekit.database.url import DatabaseUrl
from servicekit.identifiers import UserId
from servicekit.personal_data.command import PersonalCommand, user_argument
from servicekit.settings import EnvironmentSettings, load


class AttendanceExportSettings(EnvironmentSettings):
    """Settings of this command."""

    #: The service's login, or another that may read its tables: postgresql://user:password@host:5432/database.
    database_url: DatabaseUrl
    #: Database role to switch to after login; `none`: stay the login role.
    attendance_database_role: str = "attendance_service"


def main() -> None:
    """Print the person's rows by table, or end with a status that says that nothing was done."""
    user_id = user_argument(
        "python -m attendance_service.export",
        __doc__ or "",
        "Settings come from the environment: DATABASE_URL and ATTENDANCE_DATABASE_ROLE.",
    )
    json.dump(exported(user_id), sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


def exported(user_id: UserId) -> Export:
    """Return the person's rows by table, or say what is in the way and end the process."""
    settings = load(AttendanceExportSettings)
    command = PersonalCommand(
        history=HISTORY,
        verb="export",
        url=settings.database_url.get_secret_value(),
        role=settings.attendance_database_role,
    )
    return command.run(lambda connection: export(connection, user_id))


if __name__ == "__main__":
    main()
