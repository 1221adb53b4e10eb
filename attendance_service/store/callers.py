"""Reading who calls."""

from __future__ import annotations

from sqlalchemy import RowMapping, text

from attendance_service.domain.caller import Caller, KnownCaller
from attendance_service.store.executor import DatabaseExecutor, select

#: The caller's name; no row: there is no such user.
_CALLER = text("""
SELECT btrim(concat_ws(' ', first_name, father_name)) AS name FROM users WHERE id = :caller
""")


class CallerStore:
    """The platform's users, as far as they call."""

    def __init__(self, executor: DatabaseExecutor) -> None:
        """Nothing is read yet."""
        self._executor = executor

    async def known(self, caller: Caller) -> KnownCaller:
        """Return what is known of the caller."""
        names = await self._executor.read(select(_CALLER, {"caller": caller.user_id}, _name_of))
        return KnownCaller(caller=caller, name=names[0] if names else "", is_known=bool(names))


def _name_of(row: RowMapping) -> str:
    return str(row["name"])
