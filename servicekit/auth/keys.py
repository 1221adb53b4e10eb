"""Keys that verify tokens: the platform's HS256 secret and a JSON Web Key Set (docs/identity.md#keys)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from jwt import PyJWK
from jwt.exceptions import PyJWTError
from jwt.utils import base64url_encode

from servicekit.clock import MICROSECONDS_PER_SECOND, Instant
from servicekit.settings import MIN_SECRET_BYTES

#: The one algorithm that each kind of key is used with, so that a token can't choose how it is verified.
ALGORITHMS_BY_KEY_TYPE = {"RSA": "RS256", "EC": "ES256", "oct": "HS256"}
#: Members of a key that verification needs (RFC 7518, 6.2.1, 6.3.1 and 6.4.1); private ones are not even read.
VERIFYING_MEMBERS = frozenset({"kty", "kid", "n", "e", "crv", "x", "y", "k"})
#: A token that names no key is tried with all of its algorithm, so their number limits what a forged one costs. A
#: rotation needs two for each issuer.
MAX_KEYS = 20
#: As of `sub`: longer ones are nobody's.
MAX_KEY_ID_CHARACTERS = 255
_FOREVER = Instant(2**63 - 1)
_ALWAYS = Instant(0)


class KeysInvalid(ValueError):
    """The configured keys can't verify any token; the message names the setting."""


@dataclass(frozen=True, kw_only=True, slots=True)
class VerificationKey:
    """One key, for one algorithm."""

    algorithm: str
    #: Empty: it has none, and any token may be signed with it.
    key_id: str
    jwk: PyJWK
    #: The key as a member of a JSON Web Key Set, with what verification needs. The secret of HS256 is in it.
    members: Mapping[str, str]
    #: Tokens that it signed end then at the latest.
    accepted_until: Instant = _FOREVER
    #: From when on our own services sign with it, if it is for HS256.
    signs_from: Instant = _ALWAYS

    @property
    def secret(self) -> bytes:
        """The secret of an HS256 key."""
        secret: bytes = self.jwk.key
        return secret


class CurrentKeys(Protocol):
    """The keys of this moment: a set, or what a file says now."""

    @property
    def current(self) -> VerificationKeys:
        """The keys; another object whenever they have changed."""


@dataclass(frozen=True, slots=True)
class VerificationKeys:
    """All keys that are accepted."""

    keys: tuple[VerificationKey, ...]

    @property
    def current(self) -> VerificationKeys:
        """Themselves: these do not change."""
        return self

    def find(self, algorithm: str, key_id: str) -> tuple[VerificationKey, ...]:
        """Return the keys that may have signed a token with this header: the gateway tries the same ones."""
        return tuple(
            key
            for key in self.keys
            if key.algorithm == algorithm and (not key_id or not key.key_id or key.key_id == key_id)
        )

    def signing_key(self, now: Instant) -> VerificationKey | None:
        """Return the newest HS256 key that may sign by now, or None if there is none."""
        ready = [key for key in self.keys if key.algorithm == "HS256" and key.signs_from <= now < key.accepted_until]
        return max(ready, key=lambda key: key.signs_from, default=None)


def load_keys(hs256_secret: str, jwks_file: Path | None) -> VerificationKeys:
    """Read the keys; KeysInvalid."""
    # The secret comes last, because of two keys that may sign from the same time on the first one does.
    keys = (_keys_of_file(jwks_file) if jwks_file else ()) + ((_secret_key(hs256_secret),) if hs256_secret else ())
    if not keys:
        raise KeysInvalid("there is no key: set JWT_HS256_SECRET or JWT_JWKS_FILE")
    return VerificationKeys(keys)


def _secret_key(secret: str) -> VerificationKey:
    return _key({"kty": "oct", "k": base64url_encode(secret.encode()).decode()})


def _keys_of_file(jwks_file: Path) -> tuple[VerificationKey, ...]:
    try:
        return _read_key_set(jwks_file.read_text())
    except OSError as error:
        raise KeysInvalid(f"JWT_JWKS_FILE {jwks_file} can't be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise KeysInvalid(f"JWT_JWKS_FILE {jwks_file} is not a JSON Web Key Set: it is no text") from None
    except KeysInvalid as error:
        raise KeysInvalid(f"JWT_JWKS_FILE {jwks_file} {error}") from None


def _read_key_set(text: str) -> tuple[VerificationKey, ...]:
    """Return the keys of a JSON Web Key Set; KeysInvalid, without what the text says."""
    try:
        listed = json.loads(text)["keys"]
    except (ValueError, KeyError, TypeError):
        listed = None
    if not listed or not isinstance(listed, list):
        raise KeysInvalid("is not a JSON Web Key Set with keys")
    if len(listed) > MAX_KEYS:
        raise KeysInvalid(f"has more than {MAX_KEYS} keys; remove old ones")
    keys = tuple(_listed_key(position, key) for position, key in enumerate(listed, 1))
    ids = [key.key_id for key in keys if key.key_id]
    if len(set(ids)) < len(ids):
        raise KeysInvalid("has two keys with the same `kid`")
    return keys


def _listed_key(position: int, members: object) -> VerificationKey:
    """Return a key of the file; KeysInvalid, with its position and without its content."""
    if not isinstance(members, dict):
        raise KeysInvalid(f"is not a JSON Web Key Set: key number {position} is not an object")
    try:
        key = _key(members)
    except (PyJWTError, ValueError, TypeError, KeyError):
        raise KeysInvalid(f"has a key, number {position}, that is not RS256, ES256 (P-256) or HS256") from None
    if key.algorithm == "HS256" and (not key.key_id or len(key.secret) < MIN_SECRET_BYTES):
        raise KeysInvalid(
            f"has a key, number {position}, of type oct, without a `kid` or with less than {MIN_SECRET_BYTES} bytes"
        )
    return key


def _key(members: Mapping[str, Any]) -> VerificationKey:
    """Return a key; what PyJWK raises, or ValueError."""
    algorithm = ALGORITHMS_BY_KEY_TYPE[members["kty"]]
    if members.get("alg", algorithm) != algorithm:
        raise ValueError("the algorithm is not that of this kind of key")
    needed = {name: value for name, value in members.items() if name in VERIFYING_MEMBERS}
    jwk = PyJWK({**needed, "alg": algorithm})
    if members.get("crv", "P-256") != "P-256":
        raise ValueError("ES256 needs the curve P-256")
    return VerificationKey(
        algorithm=algorithm,
        key_id=_key_id(members.get("kid")),
        jwk=jwk,
        members={**needed, "alg": algorithm},
        accepted_until=_instant(members.get("exp"), _FOREVER),
        signs_from=_instant(members.get("nbf"), _ALWAYS),
    )


def _key_id(stated: object) -> str:
    if stated is None:
        return ""
    if not isinstance(stated, str) or not 0 < len(stated) <= MAX_KEY_ID_CHARACTERS:
        raise ValueError("`kid` is not a text")
    return stated


def _instant(stated: object, default: Instant) -> Instant:
    """Return seconds since 1970 as an instant."""
    if stated is None:
        return default
    if isinstance(stated, bool) or not isinstance(stated, int) or not 0 <= stated < _FOREVER // MICROSECONDS_PER_SECOND:
        raise ValueError("`exp` or `nbf` is not a whole number of seconds since 1970")
    return Instant(stated * MICROSECONDS_PER_SECOND)
