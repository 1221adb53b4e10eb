"""Keys that verify tokens: the platform's HS256 secret and a JSON Web Key Set (docs/identity.md#keys)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jwt import PyJWK, PyJWKSet
from jwt.exceptions import PyJWKError, PyJWKSetError

#: The one algorithm that each kind of public key is used with, so that a token can't choose how it is verified.
ALGORITHMS_BY_KEY_TYPE = {"RSA": "RS256", "EC": "ES256"}


class KeysInvalid(ValueError):
    """The configured keys can't verify any token; the message names the setting."""


@dataclass(frozen=True, slots=True)
class VerificationKeys:
    """One secret for HS256, public keys by key id for the rest."""

    hs256_secret: str
    public: Mapping[str | None, PyJWK]

    def find(self, algorithm: str, key_id: str | None) -> str | PyJWK | None:
        """Return the key for a token's header, or None if no such key is known."""
        if algorithm == "HS256":
            return self.hs256_secret or None
        key = self.public.get(key_id) or (next(iter(self.public.values())) if self._only_one(key_id) else None)
        return key if key is not None and key.algorithm_name == algorithm else None

    def _only_one(self, key_id: str | None) -> bool:
        # A token without a key id is accepted if there is only one key (RFC 7515, 4.1.4).
        return key_id is None and len(self.public) == 1


def load_keys(hs256_secret: str, jwks_file: Path | None) -> VerificationKeys:
    """Read the keys; KeysInvalid."""
    public = _public_keys(jwks_file) if jwks_file else {}
    if not hs256_secret and not public:
        raise KeysInvalid("there is no key: set JWT_HS256_SECRET or JWT_JWKS_FILE")
    return VerificationKeys(hs256_secret, public)


def _public_keys(jwks_file: Path) -> dict[str | None, PyJWK]:
    try:
        key_set = PyJWKSet.from_dict(json.loads(jwks_file.read_text()))
    except OSError as error:
        raise KeysInvalid(f"JWT_JWKS_FILE {jwks_file} can't be read: {error.strerror}") from error
    except (ValueError, AttributeError, PyJWKError, PyJWKSetError) as error:
        raise KeysInvalid(f"JWT_JWKS_FILE {jwks_file} is not a JSON Web Key Set: {error}") from error
    keys: dict[str | None, PyJWK] = {}
    for key in key_set.keys:
        expected = ALGORITHMS_BY_KEY_TYPE.get(key.key_type or "")
        if expected is None or key.algorithm_name != expected:
            raise KeysInvalid(f"JWT_JWKS_FILE {jwks_file}: key {key.key_id!r} must be RS256 or ES256 (P-256)")
        keys[key.key_id] = key
    return keys
