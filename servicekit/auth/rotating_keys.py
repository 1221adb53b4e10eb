"""The keys as JWT_JWKS_FILE says now: it is read again when it changes (docs/identity.md#changing-keys)."""

from __future__ import annotations

from servicekit.auth.keys import KeysInvalid, VerificationKeys, load_keys
from servicekit.reloaded import Reloaded
from servicekit.settings import IdentitySettings

RotatingKeys = Reloaded[VerificationKeys]


def rotating_keys(settings: IdentitySettings) -> RotatingKeys:
    """Return the keys of the settings; KeysInvalid."""
    secret, file = settings.jwt_hs256_secret.get_secret_value(), settings.jwt_jwks_file
    return RotatingKeys([file] if file else [], lambda: load_keys(secret, file), faults=KeysInvalid)
