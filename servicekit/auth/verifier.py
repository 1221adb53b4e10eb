"""Verifies bearer tokens and returns the principals that they identify (docs/identity.md#tokens)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import jwt
from cachetools import LRUCache

from servicekit.auth.claims import TokenInvalid, read_principal, require_access_token
from servicekit.auth.keys import CurrentKeys, VerificationKey
from servicekit.auth.principal import Principal
from servicekit.clock import MICROSECONDS_PER_SECOND, Clock, Instant
from servicekit.errors import Unauthenticated
from servicekit.settings import IdentitySettings

#: Verifying costs 36 to 109 us, a digest 0.7 us; 20,000 tokens take some 10 MiB.
CACHED_TOKENS = 20_000
#: All tokens of an issuer have the same header, and parsing it takes a quarter of the time of verifying.
CACHED_HEADERS = 64
#: How much the issuer's clock may differ from ours. The gateway allows the same (gateway/token_filter.yaml).
CLOCK_SKEW_SECONDS = 30


class TokenExpired(Unauthenticated):
    """The bearer token has expired; get a fresh one."""

    reason = "TOKEN_EXPIRED"


def accepted_until(principal: Principal) -> Instant:
    """Return until when the principal's token is accepted; calls that last longer end then."""
    return Instant(principal.expires_at + CLOCK_SKEW_SECONDS * MICROSECONDS_PER_SECOND)


class TokenVerifier:
    """Verifies tokens, and caches the principals of the latest ones by digest."""

    def __init__(self, keys: CurrentKeys, clock: Clock, *, issuer: str = "", audience: str = "") -> None:
        """`clock` decides whether a token has expired. Tokens must name the issuer and the audience, unless empty."""
        self._keys = keys
        self._keys_of_verified = keys.current
        self._clock = clock
        self._issuer = issuer
        self._audience = audience
        self._verified: LRUCache[bytes, Principal] = LRUCache(CACHED_TOKENS)

    def verify(self, token: str) -> Principal:
        """Return the principal that the token identifies.

        Raises:
            TokenInvalid: the token is malformed, its signature is wrong, a claim is missing, or it is for another use.
            TokenExpired: the token has expired.
        """
        if self._keys.current is not self._keys_of_verified:
            # A key may have been taken away.
            self._keys_of_verified = self._keys.current
            self._verified.clear()
        digest = hashlib.sha256(token.encode()).digest()
        principal = self._verified.get(digest)
        if principal is None:
            principal = self._verified[digest] = self._principal(token)
        if accepted_until(principal) < self._clock.now():
            raise TokenExpired
        return principal

    def _principal(self, token: str) -> Principal:
        try:
            header = _header(token.partition(".")[0])
            keys = self._keys_of_verified.find(str(header.get("alg")), header.get("kid") or "")
            if not keys:
                raise TokenInvalid("the bearer token is signed with a key or an algorithm that is not accepted here")
            claims, key = self._claims(token, keys)
        except jwt.InvalidTokenError as error:
            raise TokenInvalid(f"the bearer token is not valid: {error}") from error
        require_access_token(header, claims)
        principal = read_principal(claims)
        return replace(principal, expires_at=min(principal.expires_at, key.accepted_until))

    def _claims(self, token: str, keys: Sequence[VerificationKey]) -> tuple[dict[str, Any], VerificationKey]:
        """Return the claims and the key that signed them; jwt.InvalidTokenError if none of the keys did."""
        *others, last = keys
        for key in others:
            with suppress(jwt.InvalidSignatureError):
                return self._decode(token, key), key
        return self._decode(token, last), last

    def _decode(self, token: str, key: VerificationKey) -> dict[str, Any]:
        # `verify_exp` is off: `verify` checks the expiry by our own clock on each use, also of cached tokens.
        options: Any = {
            "require": ["exp", "sub"],
            "verify_exp": False,
            "verify_iat": False,
            "verify_aud": bool(self._audience),
            "verify_iss": bool(self._issuer),
        }
        return jwt.decode(
            token,
            key.jwk,
            algorithms=[key.algorithm],
            leeway=CLOCK_SKEW_SECONDS,
            options=options,
            audience=self._audience or None,
            issuer=self._issuer or None,
        )


@lru_cache(maxsize=CACHED_HEADERS)
def _header(encoded: str) -> Mapping[str, Any]:
    """Parse a token's header, its first part; jwt.InvalidTokenError."""
    return MappingProxyType(jwt.get_unverified_header(f"{encoded}.."))


def configured_verifier(settings: IdentitySettings, keys: CurrentKeys, clock: Clock) -> TokenVerifier:
    """Return a verifier with these keys, and the configured issuer and audience."""
    return TokenVerifier(keys, clock, issuer=settings.jwt_issuer, audience=settings.jwt_audience)
