from __future__ import annotations

import pytest

from attendance_service.domain.caller import CallerRole
from attendance_service.wire.fields import caller_of
from servicekit.auth.principal import NotAPerson, Principal, RoleMissing
from servicekit.clock import Instant
from servicekit.identifiers import UserId


def principal(role: str, *more_roles: str, user_id: int | None = 7) -> Principal:
    return Principal(
        subject="7",
        user_id=None if user_id is None else UserId(user_id),
        role=role,
        roles=frozenset({role, *more_roles}),
        expires_at=Instant(0),
    )


@pytest.mark.parametrize("role", ["tutor", "student", "parent", "admin"])
def test_the_active_role_is_the_caller_s_role(role: str) -> None:
    caller = caller_of(principal(role, "tutor", "admin"))
    assert (caller.user_id, caller.role) == (7, role)


def test_a_super_admin_is_an_admin() -> None:
    assert caller_of(principal("super_admin")).role is CallerRole.ADMIN


def test_other_roles_may_not_see_attendance() -> None:
    with pytest.raises(RoleMissing, match="switch to one of them"):
        caller_of(principal("advertiser", "tutor"))


def test_a_service_is_not_a_person() -> None:
    with pytest.raises(NotAPerson):
        caller_of(principal("service", user_id=None))
