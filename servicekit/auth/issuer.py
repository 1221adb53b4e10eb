"""Issue tokens like the platform's, for our own services and for `make token`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

import jwt

from servicekit.auth.principal import SERVICE_ROLE
from servicekit.clock import MICROSECONDS_PER_SECOND, Clock

#: A service signs a new token long before the old one expires.
SERVICE_TOKEN_LIFETIME = timedelta(minutes=15)


class TokenOrigin(NamedTuple):
    """Who issues tokens, and for whom: the claims `iss` and `aud`, which an empty text leaves out."""

    issuer: str = ""
    audience: str = ""


NO_ORIGIN = TokenOrigin()


def issue_token(
    secret: str | bytes,
    *,
    subject: str,
    role: str,
    clock: Clock,
    lifetime: timedelta,
    role_ids: Mapping[str, str] | None = None,
    origin: TokenOrigin = NO_ORIGIN,
    key_id: str = "",
) -> str:
    """Return an HS256 token with the platform's claims: sub, role, role_ids, iat, exp; iss, aud and kid if given."""
    issued = clock.now() // MICROSECONDS_PER_SECOND
    claims = {
        **({"iss": origin.issuer} if origin.issuer else {}),
        **({"aud": origin.audience} if origin.audience else {}),
        "sub": subject,
        "role": role,
        "role_ids": dict(role_ids) if role_ids else None,
        "iat": issued,
        "exp": issued + int(lifetime.total_seconds()),
    }
    return jwt.encode(claims, secret, algorithm="HS256", headers={"kid": key_id} if key_id else None)


def issue_service_token(
    secret: str | bytes, *, service: str, clock: Clock, origin: TokenOrigin = NO_ORIGIN, key_id: str = ""
) -> str:
    """Return a short-lived token with the role `service`."""
    return issue_token(
        secret,
        subject=service,
        role=SERVICE_ROLE,
        clock=clock,
        lifetime=SERVICE_TOKEN_LIFETIME,
        origin=origin,
        key_id=key_id,
    )
