"""The keys of DESIGN 9 as one JSON Web Key Set, the only form in which Envoy takes them."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from servicekit.auth.keys import ALGORITHMS_BY_KEY_TYPE, load_keys

#: Members of RSA and EC keys that are public (RFC 7518, 6.2.1 and 6.3.1); anything else in the file stays there.
PUBLIC_MEMBERS = frozenset({"kty", "kid", "n", "e", "crv", "x", "y"})


def key_set(hs256_secret: str, jwks_file: Path | None) -> dict[str, list[dict[str, str]]]:
    """Return every key, each pinned to one algorithm; servicekit's KeysInvalid names what is wrong with them.

    With a secret the result is as secret as the secret itself.
    """
    load_keys(hs256_secret, jwks_file)
    keys = [_secret_key(hs256_secret)] if hs256_secret else []
    if jwks_file:
        keys += [_public_key(key) for key in json.loads(jwks_file.read_text())["keys"]]
    return {"keys": keys}


def _secret_key(secret: str) -> dict[str, str]:
    encoded = base64.urlsafe_b64encode(secret.encode()).rstrip(b"=")
    return {"kty": "oct", "alg": "HS256", "k": encoded.decode()}


def _public_key(key: dict[str, str]) -> dict[str, str]:
    public = {name: value for name, value in key.items() if name in PUBLIC_MEMBERS}
    return {**public, "alg": ALGORITHMS_BY_KEY_TYPE[key["kty"]]}
