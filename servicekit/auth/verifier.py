"""Verifies bearer tokens and returns the principals that they identify (docs/identity.md#tokens)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import jwt
from cachetools import LRUCache

from servicekit.auth.claims import TokenInvalid, read_principal, require_access_token
from servicekit.auth.keys import VerificationKeys, load_keys
from servicekit.auth.principal import Principal
from servicekit.clock import MICROSECONDS_PER_SECOND, Clock, Instant
from servicekit.errors import Unauthenticated
from servicekit.settings import IdentitySettings

#: Verifying costs 36 to 109 us, a digest 0.7 us; 20,000 tokens take some 10 MiB.
CACHED_TOKENS = 20_000
#: All tokens of an issuer have the same header, and parsing it takes a quarter of the time of verifying.
CACHED_HEADERS = 64
#: How much the issuer's clock may differ from ours. The gateway allows the same (gateway/envoy.yaml).
CLOCK_SKEW_SECONDS = 30


class TokenExpired(Unauthenticated):
    """The bearer token has expired; get a fresh one."""

    reason = "TOKEN_EXPIRED"


def accepted_until(principal: Principal) -> Instant:
    """Return until when the principal's token is accepted; calls that last longer end then."""
    return Instant(principal.expires_at + CLOCK_SKEW_SECONDS * MICROSECONDS_PER_SECOND)


class TokenVerifier:
    """Verifies tokens, and caches the principals of the latest ones by digest."""

    def __init__(self, keys: VerificationKeys, clock: Clock, *, issuer: str = "", audience: str = "") -> None:
        """`clock` decides whether a token has expired. Tokens must name the issuer and the audience, unless empty."""
        self._keys = keys
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
        digest = hashlib.sha256(token.encode()).digest()
        principal = self._verified.get(digest)
        if principal is None:
            principal = self._verified[digest] = read_principal(self._claims(token))
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
            options: Any = {
                "require": ["exp", "sub"],
                "verify_exp": False,
                "verify_iat": False,
                "verify_aud": bool(self._audience),
                "verify_iss": bool(self._issuer),
            }
            claims = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                leeway=CLOCK_SKEW_SECONDS,
                options=options,
                audience=self._audience or None,
                issuer=self._issuer or None,
            )
        except jwt.InvalidTokenError as error:
            raise TokenInvalid(f"the bearer token is not valid: {error}") from error
        require_access_token(header, claims)
        return claims


@lru_cache(maxsize=CACHED_HEADERS)
def _header(encoded: str) -> Mapping[str, Any]:
    """Parse a token's header, its first part; jwt.InvalidTokenError."""
    return MappingProxyType(jwt.get_unverified_header(f"{encoded}.."))


def configured_verifier(settings: IdentitySettings, clock: Clock) -> TokenVerifier:
    """Return a verifier with the configured keys, issuer and audience; KeysInvalid."""
    keys = load_keys(settings.jwt_hs256_secret.get_secret_value(), settings.jwt_jwks_file)
    return TokenVerifier(keys, clock, issuer=settings.jwt_issuer, audience=settings.jwt_audience)
