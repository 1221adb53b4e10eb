"""Short marks that change when what they cover does (entity tags)."""

from __future__ import annotations

import hashlib
import json

#: 128 bits: nobody meets two states with one mark.
FINGERPRINT_HEX_DIGITS = 32


def fingerprint(*parts: object) -> str:
    """Return the mark of some plain values: strings, numbers, None, and sequences of them."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:FINGERPRINT_HEX_DIGITS]
