"""Erasing a person (docs/operations.md#erasure)."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text
from sqlalchemy.engine import Connection

from attendance_service.store.personal_data import find_person
from attendance_service.store.settled import HAS_SETTLED_ROSTER
from servicekit.database import arrays
from servicekit.identifiers import UserId

#: Lessons that are named in a refusal; more would not help anybody.
_NAMED: Final = 10

_UNSETTLED = text(f"""
SELECT s.id FROM sessions AS s
LEFT JOIN settled_sessions AS settled ON settled.session_id = s.id
WHERE s.id = ANY (CAST(:sessions AS integer[])) AND NOT {HAS_SETTLED_ROSTER}
ORDER BY s.id
""")  # noqa: S608 - a constant

#: Sessions in whose notes may be what this person wrote: notes are handed on from one decision to the next.
_NOTED = text("""
SELECT DISTINCT session_id FROM attendance_decisions WHERE decided_by = :user_id AND notes IS NOT NULL
""")

_ERASE = text("""
SELECT erase_person(:user_id, CAST(:students AS integer[]), CAST(:tutors AS integer[]), CAST(:given AS integer[]),
                    CAST(:attended AS integer[]), CAST(:noted AS integer[]))
""")


class LessonsNotSettled(Exception):
    """Lessons of the person are not settled yet; the message names them."""


def erase(connection: Connection, user_id: UserId) -> int:
    """Erase a person, and return the number as which they are kept.

    Raises:
        LessonsNotSettled: the roster of some lessons is still that of the platform, which names the person.
    """
    person = find_person(connection, user_id)
    sessions = arrays.integers({*person.given, *person.attended})
    unsettled = list(connection.execute(_UNSETTLED, {"sessions": sessions}).scalars())
    if unsettled:
        named = ", ".join(map(str, unsettled[:_NAMED])) + (" ..." if len(unsettled) > _NAMED else "")
        raise LessonsNotSettled(
            f"{len(unsettled)} lessons with this person have not settled yet (sessions {named}). Take the person off "
            "the enrolments and whiteboards of lessons to come, and wait until the others have settled."
        )
    noted = list(connection.execute(_NOTED, {"user_id": user_id}).scalars())
    return int(connection.execute(_ERASE, person.parameters | {"noted": noted}).scalar_one())
