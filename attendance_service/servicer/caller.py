"""Who makes the call at hand."""

from __future__ import annotations

from attendance_service.domain.caller import Caller, caller_of
from servicekit.auth.principal import current_principal


def current_caller() -> Caller:
    """Return who asks; NotAPerson, RoleMissing."""
    return caller_of(current_principal.get())
