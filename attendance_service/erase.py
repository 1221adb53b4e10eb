"""Erase one person from what this service has recorded: docs/operations.md#erasure. It can't be undone.

Statuses stay, as those of a number that says nothing; names, notes and reasons go. The ledger says for each field that
it was erased, and can still be verified. Run it after the platform has taken the person off its enrolments and
whiteboards, and before the same command of the tracking service.
"""

from __future__ import annotations

import sys

from attendance_service.migrations.history import HISTORY
from attendance_service.store.erasure import LessonsNotSettled, erase
from servicekit.database.url import DatabaseUrl
from servicekit.identifiers import UserId
from servicekit.personal_data.command import NOT_DONE, PersonalCommand, user_argument
from servicekit.settings import EnvironmentSettings, load


class AttendanceErasureSettings(EnvironmentSettings):
    """Settings of this command."""

    #: A login that may act as the role for erasures: postgresql://user:password@host:5432/database.
    database_url: DatabaseUrl
    #: Database role to switch to after login; `none`: stay the login role.
    attendance_erasure_role: str = "attendance_erasure"


def main() -> None:
    """Erase the person and print as which number their statuses are kept, or end with a status that says why not."""
    user_id = user_argument(
        "python -m attendance_service.erase",
        __doc__ or "",
        "Settings come from the environment: DATABASE_URL and ATTENDANCE_ERASURE_ROLE.",
    )
    sys.stdout.write(f"attendance_service: {said(erased(user_id))}\n")


def said(pseudonym: int) -> str:
    """Return what was done, in a sentence."""
    return f"erased; what was decided is kept as about and by {pseudonym}."


def erased(user_id: UserId) -> int:
    """Erase the person and return as which number their statuses are kept, or say what is in the way and end."""
    settings = load(AttendanceErasureSettings)
    command = PersonalCommand(
        history=HISTORY,
        verb="erasure",
        url=settings.database_url.get_secret_value(),
        role=settings.attendance_erasure_role,
    )
    try:
        return command.run(lambda connection: erase(connection, user_id))
    except LessonsNotSettled as error:
        sys.stderr.write(f"Nothing was done. {error}\n")
        sys.exit(NOT_DONE)


if __name__ == "__main__":
    main()
