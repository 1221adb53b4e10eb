"""Erase one person from what this service has recorded: docs/operations.md#erasure. It can't be undone.

Presence stays, as that of a number that says nothing, because totals rest on it. The services must have made facts of
what they have accepted, so at least one has to run. Run it after the same command of the
attendance service, which has to know first that the facts say nothing of this person any more.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress

from servicekit.database.engine import Database
from servicekit.database.url import DatabaseUrl
from servicekit.errors import StorageUnavailable
from servicekit.identifiers import UserId
from servicekit.personal_data.command import NOT_DONE, RUN_AGAIN, PersonalCommand, user_argument
from servicekit.settings import EnvironmentSettings, load
from tracking_service.domain.grouping import ALL_GROUPS
from tracking_service.folding.waiting import JournalNotFolded, wait_until_folded
from tracking_service.migrations.history import HISTORY
from tracking_service.store.personal_data import erase, sessions_in_shard, sessions_of
from tracking_service.store.shards import MAX_TRANSACTION_SECONDS, ShardServers, grouping_of


class TrackingErasureSettings(EnvironmentSettings):
    """Settings of this command."""

    #: A login that may act as the role for erasures: postgresql://user:password@host:5432/database.
    database_url: DatabaseUrl
    #: Database role to switch to after login; `none`: stay the login role.
    tracking_erasure_role: str = "tracking_erasure"


def main() -> None:
    """Erase the person and print as which number their presence is kept, or end with a status that says why not."""
    user_id = user_argument(
        "python -m tracking_service.erase",
        __doc__ or "",
        "Settings come from the environment: DATABASE_URL and TRACKING_ERASURE_ROLE.",
    )
    sys.stdout.write(f"tracking_service: {said(erased(user_id))}\n")


def said(pseudonym: int) -> str:
    """Return what was done, in sentences."""
    return (
        f"erased; the presence is kept as that of {pseudonym}. The journal of the last hours names "
        "the person until it is emptied, an hour after JOURNAL_RETENTION_HOURS at the latest."
    )


def erased(user_id: UserId) -> int:
    """Erase the person and return as which number their presence is kept, or say what is in the way and end."""
    settings = load(TrackingErasureSettings)
    command = PersonalCommand(
        history=HISTORY,
        verb="erasure",
        url=settings.database_url.get_secret_value(),
        role=settings.tracking_erasure_role,
    )
    try:
        return command.run_in_steps(lambda database: erase_when_folded(database, user_id, note=_note))
    except JournalNotFolded as error:
        sys.stderr.write(f"Nothing was done. {error}\n")
        sys.exit(NOT_DONE)
    except PartlyErased as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(RUN_AGAIN)


class PartlyErased(Exception):
    """Some servers do not answer; in the shards of others the person is erased."""


def erase_when_folded(database: Database, user_id: UserId, *, note: Callable[[str], object]) -> int:
    """Erase the person once facts are made of everything that was accepted, and return their number.

    In one transaction; or where facts are in shards, in one for each, which `note` gets a sentence about.

    Raises:
        JournalNotFolded: nothing was done.
        PartlyErased: it has to be run again.
    """
    with database.transaction() as connection:
        grouping = grouping_of(connection)
        if not grouping.is_distributed:
            # Else facts about the person would be made of it afterwards.
            wait_until_folded(connection)
            # Before anything is locked: this takes the longest.
            return erase(connection, user_id, sessions_of(connection, user_id))
    return _erase_by_shard(ShardServers(database), user_id, grouping.by_shard(ALL_GROUPS), note)


def _erase_by_shard(
    servers: ShardServers, user_id: UserId, shards: Sequence[Sequence[int]], note: Callable[[str], object]
) -> int:
    """Erase the person wherever a server answers; `shards` are the groups of each."""
    # What is accepted for the others becomes fact once they answer, and is erased by the next run.
    answering = [
        number for number in range(len(shards)) if servers.ask_each("SELECT 1", "session_groups", number=number)
    ]
    with servers.database.transaction() as connection:
        wait_until_folded(connection, [group for number in answering for group in shards[number]])
        pseudonym = erase(connection, user_id, ())
    done: list[int] = []
    for number in answering:
        with suppress(StorageUnavailable):
            sessions = sessions_in_shard(servers, user_id, number)
            with servers.database.transaction(within_seconds=MAX_TRANSACTION_SECONDS) as connection:
                erase(connection, user_id, sessions, pseudonym=pseudonym)
            done.append(number)
            note(f"erased in {len(done)} of {len(shards)} shards")
    if len(done) < len(shards):
        waiting = {
            servers.grouping().server_of(groups[0]) for number, groups in enumerate(shards) if number not in done
        }
        raise PartlyErased(
            f"Erased in {len(done)} of {len(shards)} shards as {pseudonym}. The whiteboard sessions on "
            f"{' and '.join(map(servers.address, sorted(waiting)))} wait: no answer came from there, and nobody else "
            "knows which of them name the person. Run this again once all servers answer."
        )
    return pseudonym


def _note(done: str) -> None:
    sys.stderr.write(f"tracking_service: {done}\n")


if __name__ == "__main__":
    main()
