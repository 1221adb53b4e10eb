"""Export what this service has recorded about one person, as JSON: docs/operations.md#personal-data.

It reads only, and may run while the service does.
"""

from __future__ import annotations

import json
import sys

from sqlalchemy.engine import Connection

from servicekit.database.url import DatabaseUrl
from servicekit.identifiers import UserId
from servicekit.personal_data.command import NOT_DONE, PersonalCommand, user_argument
from servicekit.settings import EnvironmentSettings, load
from tracking_service.folding.waiting import JournalNotFolded, wait_until_folded
from tracking_service.migrations.history import HISTORY
from tracking_service.store.personal_data import Export, export


class TrackingExportSettings(EnvironmentSettings):
    """Settings of this command."""

    #: The service's login, or another that may read its tables: postgresql://user:password@host:5432/database.
    database_url: DatabaseUrl
    #: Database role to switch to after login; `none`: stay the login role.
    tracking_database_role: str = "tracking_service"


def main() -> None:
    """Print the person's rows by table, or end with a status that says that nothing was done."""
    user_id = user_argument(
        "python -m tracking_service.export",
        __doc__ or "",
        "Settings come from the environment: DATABASE_URL and TRACKING_DATABASE_ROLE.",
    )
    json.dump(exported(user_id), sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


def exported(user_id: UserId) -> Export:
    """Return the person's rows by table, or say what is in the way and end the process."""
    settings = load(TrackingExportSettings)
    command = PersonalCommand(
        history=HISTORY,
        verb="export",
        url=settings.database_url.get_secret_value(),
        role=settings.tracking_database_role,
    )
    try:
        return command.run(lambda connection: export_when_folded(connection, user_id))
    except JournalNotFolded as error:
        sys.stderr.write(f"Nothing was done. {error}\n")
        sys.exit(NOT_DONE)


def export_when_folded(connection: Connection, user_id: UserId) -> Export:
    """Read the person's rows once facts are made of everything that was accepted; JournalNotFolded."""
    wait_until_folded(connection)
    return export(connection, user_id)


if __name__ == "__main__":
    main()
