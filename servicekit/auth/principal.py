"""The caller, as identified by the token."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

from servicekit.clock import Instant
from servicekit.errors import PermissionDenied
from servicekit.identifiers import UserId

#: Relays and services carry this role.
SERVICE_ROLE = "service"
#: Prefix of the owner keys of relays and services.
SERVICE_OWNERS = "service:"
#: Prefix of the owner keys of users.
USER_OWNERS = "user:"
ADMIN_ROLES = frozenset({"admin", "super_admin"})


class RoleMissing(PermissionDenied):
    """The caller's role may not do this."""

    reason = "ROLE_MISSING"


class NotAPerson(PermissionDenied):
    """Only a person can do this, and the token identifies a service."""

    reason = "NOT_A_PERSON"


@dataclass(frozen=True, kw_only=True, slots=True)
class Principal:
    """One verified identity."""

    #: The token's `sub`, unchanged.
    subject: str
    #: users.id if the subject is a person.
    user_id: UserId | None
    #: The active role.
    role: str
    #: Every role the token grants, the active one included.
    roles: frozenset[str]
    #: When the token expires.
    expires_at: Instant

    @property
    def is_service(self) -> bool:
        """Whether this is a relay or another service, by its active role."""
        return self.role == SERVICE_ROLE

    @property
    def is_admin(self) -> bool:
        """Whether the active role administers the platform."""
        return self.role in ADMIN_ROLES

    @property
    def owner_key(self) -> str:
        """The owner of a stream: the same for all tokens of an identity."""
        return f"{SERVICE_OWNERS if self.is_service else USER_OWNERS}{self.subject}"

    def require_person(self) -> UserId:
        """Return users.id or raise NotAPerson."""
        if self.user_id is None or self.is_service:
            raise NotAPerson
        return self.user_id

    def require_service(self) -> None:
        """Raise RoleMissing unless this is a relay or another service."""
        if not self.is_service:
            raise RoleMissing("only internal services may do this: the token needs the role 'service'")


#: Set by the server's interceptor for the current call.
current_principal: ContextVar[Principal] = ContextVar("current_principal")
