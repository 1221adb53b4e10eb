"""What the claims of a verified token must say, and the principal that they identify (docs/identity.md#tokens)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from servicekit.auth.principal import Principal
from servicekit.clock import MICROSECONDS_PER_SECOND, Instant
from servicekit.errors import Unauthenticated
from servicekit.identifiers import MAX_ID, UserId

#: OpenID Connect Core, 2: at most 255 characters. It becomes part of keys in the database.
MAX_SUBJECT_CHARACTERS = 255
#: The end of the year 9999, after which no time can be written.
MAX_EXPIRY_SECONDS = 253_402_300_799
#: Claims by which issuers say what a token is for. A token for anything but access is signed with the same key.
KIND_CLAIMS = ("type", "typ", "token_type", "token_use", "purpose")
#: What these claims, and the header `typ`, say of an access token, in lower case.
ACCESS_KINDS = frozenset({"access", "access_token", "bearer", "jwt", "at+jwt", "application/at+jwt"})


class TokenInvalid(Unauthenticated):
    """The bearer token is not valid."""

    reason = "TOKEN_INVALID"


def require_access_token(header: Mapping[str, Any], claims: Mapping[str, Any]) -> None:
    """Raise TokenInvalid if the token says that it is for something else than access, for instance to refresh."""
    stated = [header.get("typ"), *(claims.get(name) for name in KIND_CLAIMS)]
    if not all(kind is None or (isinstance(kind, str) and kind.lower() in ACCESS_KINDS) for kind in stated):
        raise TokenInvalid("the bearer token is for something else than access: send the access token")


def read_principal(claims: Mapping[str, Any]) -> Principal:
    """Return the principal; TokenInvalid if a claim is missing or makes no sense."""
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT_CHARACTERS or not subject.isprintable():
        raise TokenInvalid(f"the bearer token's sub is not a text of 1 to {MAX_SUBJECT_CHARACTERS} visible characters")
    role, roles = _roles(claims)
    return Principal(
        subject=subject, user_id=_user_id(subject), role=role, roles=roles, expires_at=_expiry(claims["exp"])
    )


def _roles(claims: Mapping[str, Any]) -> tuple[str, frozenset[str]]:
    """Return the active role and all roles."""
    # The platform's tokens have null where there is nothing.
    role, listed = claims.get("role") or "", claims.get("roles") or []
    if not isinstance(role, str) or not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
        raise TokenInvalid("the bearer token's role is not a text, or its roles are not a list of texts")
    roles = frozenset(name for name in (role, *listed) if name)
    if role:
        return role, roles
    if not roles:
        raise TokenInvalid("the bearer token names no role")
    if len(roles) > 1:
        # Which of them is meant can't be known, and a guess could grant more than that.
        raise TokenInvalid("the bearer token names several roles, and not the active one: put that one into `role`")
    return next(iter(roles)), roles


def _expiry(stated: object) -> Instant:
    if isinstance(stated, bool) or not isinstance(stated, int | float):
        raise TokenInvalid("the bearer token's exp is not a number")
    if not 0 <= stated <= MAX_EXPIRY_SECONDS:  # false for NaN, too
        raise TokenInvalid("the bearer token's exp is not a time before the year 10000")
    return Instant(int(stated * MICROSECONDS_PER_SECOND))


def _user_id(subject: str) -> UserId | None:
    if subject.isascii() and subject.isdigit() and 0 < int(subject) <= MAX_ID:
        return UserId(int(subject))
    return None
