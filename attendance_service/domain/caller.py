"""Who asks, and as what: the active role decides which sessions are theirs (DESIGN 8 and 9)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from servicekit.auth.principal import Principal, RoleMissing
from servicekit.identifiers import UserId


class CallerRole(StrEnum):
    """The roles that have a view of attendance."""

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
    """Return who asks; NotAPerson for a service, RoleMissing for a role without a view of attendance."""
    user_id = principal.require_person()
    if principal.is_admin:
        return Caller(user_id=user_id, role=CallerRole.ADMIN)
    try:
        return Caller(user_id=user_id, role=CallerRole(principal.role))
    except ValueError as error:
        raise RoleMissing("attendance is for tutors, students, parents and admins: switch to one of them") from error
