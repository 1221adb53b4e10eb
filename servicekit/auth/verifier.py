"""Verifies bearer tokens and returns the principals that they identify (docs/identity.md#tokens)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import jwt
from cachetools import LRUCache

from servicekit.auth.keys import VerificationKeys
from servicekit.auth.principal import Principal
from servicekit.clock import MICROSECONDS_PER_SECOND, Clock, Instant
from servicekit.errors import Unauthenticated
from servicekit.identifiers import MAX_ID, UserId

#: Verifying costs 36 to 109 us, a digest 0.7 us; 20,000 tokens take some 10 MiB.
CACHED_TOKENS = 20_000
#: All tokens of an issuer have the same header, and parsing it takes a quarter of the time of verifying.
CACHED_HEADERS = 64
#: How much the issuer's clock may differ from ours. The gateway allows the same (gateway/envoy.yaml).
CLOCK_SKEW_SECONDS = 30


class TokenInvalid(Unauthenticated):
    """The bearer token is not valid."""

    reason = "TOKEN_INVALID"


class TokenExpired(Unauthenticated):
    """The bearer token has expired; get a fresh one."""

    reason = "TOKEN_EXPIRED"


def accepted_until(principal: Principal) -> Instant:
    """Return until when the principal's token is accepted; calls that last longer end then."""
    return Instant(principal.expires_at + CLOCK_SKEW_SECONDS * MICROSECONDS_PER_SECOND)


class TokenVerifier:
    """Verifies tokens, and caches the principals of the latest ones by digest."""

    def __init__(self, keys: VerificationKeys, clock: Clock) -> None:
        """`clock` decides whether a token has expired."""
        self._keys = keys
        self._clock = clock
        self._verified: LRUCache[bytes, Principal] = LRUCache(CACHED_TOKENS)

    def verify(self, token: str) -> Principal:
        """Return the principal that the token identifies.

        Raises:
            TokenInvalid: the token is malformed, its signature is wrong, or a claim is missing.
            TokenExpired: the token has expired.
        """
        digest = hashlib.sha256(token.encode()).digest()
        principal = self._verified.get(digest)
        if principal is None:
            principal = self._verified[digest] = _principal(self._claims(token))
        if accepted_until(principal) < self._clock.now():
            raise TokenExpired
        return principal

    def _claims(self, token: str) -> dict[str, Any]:
        try:
            header = _header(token.partition(".")[0])
            algorithm = str(header.get("alg"))
            key = self._keys.find(algorithm, header.get("kid"))
            if key is None:
                raise TokenInvalid("the bearer token is signed with a key or an algorithm that is not accepted here")
            # `verify_exp` is off: `verify` checks the expiry by our own clock on each use, also of cached tokens.
            options: Any = {"require": ["exp", "sub"], "verify_exp": False, "verify_aud": False, "verify_iat": False}
            return jwt.decode(token, key, algorithms=[algorithm], leeway=CLOCK_SKEW_SECONDS, options=options)
        except jwt.InvalidTokenError as error:
            raise TokenInvalid(f"the bearer token is not valid: {error}") from error


@lru_cache(maxsize=CACHED_HEADERS)
def _header(encoded: str) -> Mapping[str, Any]:
    """Parse a token's header, its first part; jwt.InvalidTokenError."""
    return MappingProxyType(jwt.get_unverified_header(f"{encoded}.."))


def _principal(claims: dict[str, Any]) -> Principal:
    role = claims.get("role")
    listed = claims.get("roles")
    roles = {name for name in listed if isinstance(name, str)} if isinstance(listed, list) else set()
    if isinstance(role, str) and role:
        roles.add(role)
    if not roles:
        raise TokenInvalid("the bearer token names no role")
    expires = claims["exp"]
    if isinstance(expires, bool) or not isinstance(expires, int | float):
        raise TokenInvalid("the bearer token's exp is not a number")
    subject = str(claims["sub"])
    return Principal(
        subject=subject,
        user_id=_user_id(subject),
        role=role if isinstance(role, str) and role else min(roles),
        roles=frozenset(roles),
        expires_at=Instant(int(expires * MICROSECONDS_PER_SECOND)),
    )


def _user_id(subject: str) -> UserId | None:
    if subject.isascii() and subject.isdigit() and 0 < int(subject) <= MAX_ID:
        return UserId(int(subject))
    return None
