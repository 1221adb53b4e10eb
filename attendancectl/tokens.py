"""Tokens for people and services, signed with the keys of the environment."""

from __future__ import annotations

from datetime import timedelta

from attendancectl.options import refuse
from servicekit.auth.issuer import TokenOrigin, issue_token
from servicekit.auth.keys import KeysInvalid, VerificationKey, load_keys
from servicekit.clock import SystemClock
from servicekit.settings import IdentitySettings, load


def signed_token(subject: str, role: str, lifetime: timedelta) -> str:
    """Return a token like the platform's, or say which setting is missing and end the command."""
    settings = load(IdentitySettings)
    key = _signing_key(settings)
    return issue_token(
        key.secret,
        subject=subject,
        role=role,
        clock=SystemClock(),
        lifetime=lifetime,
        origin=TokenOrigin(settings.jwt_issuer, settings.jwt_audience),
        key_id=key.key_id,
    )


def _signing_key(settings: IdentitySettings) -> VerificationKey:
    try:
        keys = load_keys(settings.jwt_hs256_secret.get_secret_value(), settings.jwt_jwks_file)
    except KeysInvalid as error:
        refuse(str(error))
    key = keys.signing_key(SystemClock().now())
    if key is None:
        refuse("No key can sign: set JWT_HS256_SECRET, or put a key of type oct into JWT_JWKS_FILE.")
    return key
