"""Whether tokens can be verified and signed, and for how long (docs/identity.md#keys)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
from pydantic import ValidationError

from attendancectl.doctor.findings import Finding, failed, ok, skipped, warning
from servicekit.auth.keys import KeysInvalid, VerificationKeys, load_keys
from servicekit.clock import Instant, SystemClock, seconds, to_datetime
from servicekit.settings import ServiceIdentitySettings

#: Long enough to make a new key and bring it everywhere (docs/identity.md#changing-keys).
KEY_ENDS_SOON = timedelta(days=14)
#: The programs that write such files do so some minutes before a token ends.
TOKEN_ENDS_SOON = timedelta(minutes=2)
_ADD_A_KEY = "add a new key to JWT_JWKS_FILE (docs/identity.md#changing-keys)"


def key_findings() -> Iterator[Finding]:
    """Return whether the keys can be used, and when the last one ends."""
    try:
        settings = ServiceIdentitySettings()
    except ValidationError:
        yield skipped("keys", "JWT_HS256_SECRET and JWT_JWKS_FILE are not set here, or not valid")
        return
    try:
        keys = load_keys(settings.jwt_hs256_secret.get_secret_value(), settings.jwt_jwks_file)
    except KeysInvalid as error:
        yield failed("keys", str(error), "mend the file or the setting; running processes keep the keys they have")
        return
    now = SystemClock().now()
    yield _lifetime(keys, now)
    yield _signing(settings.service_token_file, keys, now)


def _lifetime(keys: VerificationKeys, now: Instant) -> Finding:
    usable = [key for key in keys.keys if key.accepted_until > now]
    if not usable:
        return failed("keys", "every key has expired", _ADD_A_KEY)
    last = max(key.accepted_until for key in usable)
    counted = f"{len(usable)} of {len(keys.keys)} keys verify tokens"
    if last < now + seconds(KEY_ENDS_SOON.total_seconds()):
        return warning("keys", f"{counted}; the last one ends on {to_datetime(last):%Y-%m-%d %H:%M} UTC", _ADD_A_KEY)
    return ok("keys", counted)


def _signing(file: Path | None, keys: VerificationKeys, now: Instant) -> Finding:
    check = "service tokens"
    if keys.signing_key(now) is not None:
        return ok(check, "can be signed")
    if file is None:
        step = "set SERVICE_TOKEN_FILE, JWT_HS256_SECRET, or add a key of type oct to JWT_JWKS_FILE"
        return failed(check, "no key can sign one: nobody can call the tracking service", step)
    try:
        claims = jwt.decode(file.read_text().strip(), options={"verify_signature": False})
        ends = datetime.fromtimestamp(claims["exp"], UTC)
    except (OSError, ValueError, KeyError, jwt.PyJWTError) as error:
        step = "let the program that writes it write a token of the role service"
        return failed(check, f"SERVICE_TOKEN_FILE has no token that can be read ({type(error).__name__})", step)
    if ends < datetime.now(UTC) + TOKEN_ENDS_SOON:
        step = "look why the program that renews it does not"
        return failed(check, f"the token of SERVICE_TOKEN_FILE ends at {ends:%Y-%m-%d %H:%M:%S} UTC", step)
    return ok(check, f"read from SERVICE_TOKEN_FILE; this one ends at {ends:%Y-%m-%d %H:%M:%S} UTC")
