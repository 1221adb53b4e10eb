"""The caller, as the token tells."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

from servicekit.clock import Instant
from servicekit.errors import PermissionDenied
from servicekit.identifiers import UserId

#: Relays and services carry this role.
SERVICE_ROLE = "service"
#: How the owner keys of relays and services begin.
SERVICE_OWNERS = "service:"
ADMIN_ROLES = frozenset({"admin", "super_admin"})


class RoleMissing(PermissionDenied):
    """The caller's role may not do this."""

    reason = "ROLE_MISSING"


class NotAPerson(PermissionDenied):
    """Only a person can do this, and the token stands for a service."""

    reason = "NOT_A_PERSON"


@dataclass(frozen=True, kw_only=True, slots=True)
class Principal:
    """One verified identity."""

    #: The token's `sub`, as it stands there.
    subject: str
    #: users.id where the subject is a person.
    user_id: UserId | None
    #: The active role.
    role: str
    #: Every role the token grants, the active one included.
    roles: frozenset[str]
    #: When the token ends.
    expires_at: Instant

    @property
    def is_service(self) -> bool:
        """Whether this is a relay or another service."""
        return SERVICE_ROLE in self.roles

    @property
    def is_admin(self) -> bool:
        """Whether the active role administers the platform."""
        return self.role in ADMIN_ROLES

    @property
    def owner_key(self) -> str:
        """What a stream belongs to: the identity, whichever token it shows."""
        return f"{SERVICE_OWNERS if self.is_service else 'user:'}{self.subject}"

    def require_person(self) -> UserId:
        """Return users.id or raise NotAPerson."""
        if self.user_id is None or self.is_service:
            raise NotAPerson
        return self.user_id

    def require_service(self) -> None:
        """Raise RoleMissing unless this is a relay or another service."""
        if not self.is_service:
            raise RoleMissing("this is for internal services: the token needs the role 'service'")


#: Set by the server's interceptor for the call at hand.
current_principal: ContextVar[Principal] = ContextVar("current_principal")
