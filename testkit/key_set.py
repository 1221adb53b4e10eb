"""A file with HS256 keys that tests change while processes use it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from jwt.utils import base64url_encode

from servicekit.auth.issuer import issue_token
from servicekit.clock import SystemClock
from testkit.replaced_file import replace


class Secret(NamedTuple):
    """An HS256 key with an id."""

    key_id: str
    secret: str

    def jwk(self, **times: int) -> dict[str, Any]:
        """Return it as a member of a key set; `exp` and `nbf` are `times`."""
        return {"kty": "oct", "kid": self.key_id, "k": base64url_encode(self.secret.encode()).decode(), **times}

    def token(self, user: int, role: str) -> str:
        """Return a token like the platform's, which names the key."""
        return issue_token(
            self.secret,
            subject=str(user),
            role=role,
            clock=SystemClock(),
            lifetime=timedelta(hours=1),
            key_id=self.key_id,
        )


OLD = Secret("2026-old", "an old secret of tests that is long enough for HS256")
NEW = Secret("2026-new", "a new secret of tests that is long enough for HS256")


def write_key_set(file: Path, *keys: dict[str, Any]) -> Path:
    """Write a key set, or replace one, and return its file."""
    return replace(file, json.dumps({"keys": keys}))
