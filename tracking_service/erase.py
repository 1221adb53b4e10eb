"""Erase one person from what this service has recorded: docs/operations.md#erasure. It can't be undone.

Presence stays, as that of a number that says nothing, because totals rest on it. Run it after the same command of the
attendance service, which has to know first that the facts say nothing of this person any more.
"""

from __future__ import annotations

import sys

from pydantic import SecretStr

from servicekit.personal_data.command import PersonalCommand, user_argument
from servicekit.settings import EnvironmentSettings, load
from tracking_service.migrations.history import HISTORY
from tracking_service.store.personal_data import erase


class TrackingErasureSettings(EnvironmentSettings):
    """Settings of this command."""

    #: A login that may act as the role for erasures: postgresql://user:password@host:5432/database.
    database_url: SecretStr
    #: Database role to switch to after login; `none`: stay the login role.
    tracking_erasure_role: str = "tracking_erasure"


def main() -> None:
    """Erase the person and print as which number their presence is kept, or end with a status that says why not."""
    user_id = user_argument(
        "python -m tracking_service.erase",
        __doc__ or "",
        "Settings come from the environment: DATABASE_URL and TRACKING_ERASURE_ROLE.",
    )
    settings = load(TrackingErasureSettings)
    command = PersonalCommand(
        history=HISTORY,
        verb="erasure",
        url=settings.database_url.get_secret_value(),
        role=settings.tracking_erasure_role,
    )
    pseudonym = command.run(lambda connection: erase(connection, user_id))
    sys.stdout.write(f"tracking_service: erased; the presence is kept as that of {pseudonym}.\n")


if __name__ == "__main__":
    main()
