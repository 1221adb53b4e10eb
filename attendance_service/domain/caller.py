"""Who calls, and in which role: the active role decides which sessions they may see (docs/identity.md#tokens)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from servicekit.auth.principal import Principal, RoleMissing
from servicekit.identifiers import UserId


class CallerRole(StrEnum):
    """The roles that may see attendance."""

    TUTOR = "tutor"
    STUDENT = "student"
    PARENT = "parent"
    ADMIN = "admin"


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """A person in the role they act in."""

    user_id: UserId
    role: CallerRole


def caller_of(principal: Principal) -> Caller:
    """Return the caller.

    Raises:
        NotAPerson: a service calls.
        RoleMissing: the active role may not see attendance.
    """
    user_id = principal.require_person()
    if principal.is_admin:
        return Caller(user_id=user_id, role=CallerRole.ADMIN)
    try:
        return Caller(user_id=user_id, role=CallerRole(principal.role))
    except ValueError as error:
        raise RoleMissing("attendance is for tutors, students, parents and admins: switch to one of them") from error
