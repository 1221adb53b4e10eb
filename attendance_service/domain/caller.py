"""Who calls, and in which role: the active role decides which sessions they may see (docs/identity.md#tokens)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

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


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownCaller:
    """What the platform knows of a caller."""

    caller: Caller
    #: First name and father's name; empty: it has none.
    name: str
    #: Whether there is such a user.
    is_known: bool
