"""Tokens that this service shows to the tracking service."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from servicekit.auth.issuer import SERVICE_TOKEN_LIFETIME, issue_service_token
from servicekit.clock import Clock, Instant, seconds
from servicekit.errors import Unavailable

#: A token is renewed when half of its life is over: a clock that differs or a slow call never meets its end.
_RENEWAL_AGE = seconds(SERVICE_TOKEN_LIFETIME.total_seconds() / 2)
#: How this service calls itself.
_SERVICE = "attendance-service"

#: Returns the token to show now.
TokenSource = Callable[[], str]


class ServiceTokenUnreadable(Unavailable):
    """The attendance service has no token for the tracking service at the moment; its operators have to look."""

    reason = "SERVICE_TOKEN_UNREADABLE"


class SigningTokenSource:
    """Signs tokens with the platform's secret and renews them in time."""

    def __init__(self, secret: str, clock: Clock) -> None:
        """Nothing is signed yet."""
        self._secret = secret
        self._clock = clock
        self._token = ""
        self._renew_at = Instant(0)

    def __call__(self) -> str:
        """Return a token with at least half of its life ahead."""
        now = self._clock.now()
        if now >= self._renew_at:
            self._token = issue_service_token(self._secret, service=_SERVICE, clock=self._clock)
            self._renew_at = Instant(now + _RENEWAL_AGE)
        return self._token


class FileTokenSource:
    """Reads the token that somebody else keeps fresh in a file."""

    def __init__(self, path: Path) -> None:
        """Nothing is read yet."""
        self._path = path

    def __call__(self) -> str:
        """Return what the file holds now; a small local file costs less than knowing when it changed."""
        try:
            return self._path.read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ServiceTokenUnreadable from error
