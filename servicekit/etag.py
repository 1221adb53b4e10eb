"""Entity tags: short texts that change when what they cover does."""

from __future__ import annotations

import hashlib
import json

#: 128 bits: two different states never get the same tag by chance.
ETAG_HEX_DIGITS = 32


def etag(*parts: object) -> str:
    """Return the tag of some plain values: strings, numbers, None, and sequences of them."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:ETAG_HEX_DIGITS]
