"""The token with which one of our processes calls the tracking service."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from servicekit.auth.issuer import SERVICE_TOKEN_LIFETIME, TokenOrigin, issue_service_token
from servicekit.auth.keys import CurrentKeys, KeysInvalid, VerificationKey
from servicekit.clock import Clock, Instant, seconds
from servicekit.errors import Unavailable
from servicekit.settings import ServiceIdentitySettings

_log = logging.getLogger(__name__)

#: A token is renewed at half of its lifetime, so that neither clock skew nor a slow call lets it expire on the way.
_RENEWAL_AGE = seconds(SERVICE_TOKEN_LIFETIME.total_seconds() / 2)


class ServiceTokenUnreadable(Unavailable):
    """The attendance service can't read its token for the tracking service, and logged that; retry."""

    reason = "SERVICE_TOKEN_UNREADABLE"


class ServiceToken:
    """Signs a token with the newest HS256 key, or reads one from a file that another program keeps fresh."""

    def __init__(self, settings: ServiceIdentitySettings, *, keys: CurrentKeys, service: str, clock: Clock) -> None:
        """`service` becomes the subject of a signed token. Nothing is signed or read yet.

        KeysInvalid if no key can sign and no file is set.
        """
        if settings.service_token_file is None and keys.current.signing_key(clock.now()) is None:
            raise KeysInvalid(
                "set JWT_HS256_SECRET, SERVICE_TOKEN_FILE, or a key of type oct in JWT_JWKS_FILE: "
                "the tracking service requires a token"
            )
        self._keys = keys
        self._file = settings.service_token_file
        self._service = service
        self._origin = TokenOrigin(settings.jwt_issuer, settings.jwt_audience)
        self._clock = clock
        self._signed = ""
        self._signed_with: VerificationKey | None = None
        self._renew_at = Instant(0)

    async def get(self) -> str:
        """Return a token that is valid for several minutes if it was signed here; ServiceTokenUnreadable."""
        key = self._keys.current.signing_key(self._clock.now())
        if key is not None:
            return self._sign(key)
        if self._file is None:
            _log.error("there is no key left to sign the service token with")
            raise ServiceTokenUnreadable
        # The file may be on a network mount, so the event loop must not wait for it.
        return await asyncio.to_thread(_read, self._file)

    def _sign(self, key: VerificationKey) -> str:
        now = self._clock.now()
        if now >= self._renew_at or key != self._signed_with:
            self._signed = issue_service_token(
                key.secret, service=self._service, clock=self._clock, origin=self._origin, key_id=key.key_id
            )
            self._signed_with = key
            self._renew_at = Instant(now + _RENEWAL_AGE)
        return self._signed


def _read(file: Path) -> str:
    # Read on every call: that is simpler than finding out when the file changed, and costs little.
    try:
        token = file.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        _log.error("the service token can't be read", extra={"file": str(file), "cause": type(error).__name__})
        raise ServiceTokenUnreadable from error
    if not token:
        _log.error("the service token's file is empty", extra={"file": str(file)})
        raise ServiceTokenUnreadable
    return token
