"""What Envoy reads again while it runs: the filter that verifies tokens, with its keys, and certificates.

Each is one file that is replaced by renaming, the only change that Envoy notices. See docs/identity.md#changing-keys
and docs/tls.md#changing-certificates.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from string import Template

from gateway import transport
from gateway.settings import GatewaySettings
from servicekit.auth.keys import VerificationKeys, load_keys
from servicekit.auth.verifier import CLOCK_SKEW_SECONDS
from servicekit.clock import Clock, SystemClock, seconds

GATEWAY = Path(__file__).resolve().parent
TOKEN_FILTER = GATEWAY / "token_filter.yaml"


class EnvoySecrets:
    """Writes the files of one directory, and again those whose content would be another one."""

    def __init__(self, settings: GatewaySettings, directory: Path, clock: Clock | None = None) -> None:
        """Nothing is read or written yet."""
        self._settings = settings
        self._directory = directory
        self._clock = clock or SystemClock()
        self._makers: Mapping[str, Callable[[], str]] = {
            TOKEN_FILTER.name: self._token_filter,
            **transport.secrets(settings),
        }
        self._written: dict[str, str] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the files."""
        return tuple(self._makers)

    def write(self, name: str) -> bool:
        """Write a file if it has to change, and return whether; KeysInvalid, TlsInvalid, OSError."""
        text = self._makers[name]()
        if text == self._written.get(name):
            return False
        write_privately(self._directory / name, text)
        self._written[name] = text
        return True

    def check(self) -> None:
        """Raise what `write` would raise for a file of the settings, and write nothing."""
        for make in self._makers.values():
            make()

    def _token_filter(self) -> str:
        keys = load_keys(self._settings.jwt_hs256_secret.get_secret_value(), self._settings.jwt_jwks_file)
        audience = self._settings.jwt_audience
        values = {
            "KEY_SET": json.dumps(self._key_set(keys)),
            "JWT_ISSUER": self._settings.jwt_issuer,
            "JWT_AUDIENCES": [audience] if audience else [],
        }
        # JSON is YAML, and Template refuses a placeholder without a value.
        written = {name: json.dumps(value) for name, value in values.items()}
        return Template(TOKEN_FILTER.read_text()).substitute(written)

    def _key_set(self, keys: VerificationKeys) -> dict[str, object]:
        """Return the keys that may still be used as a JSON Web Key Set; the secrets of HS256 are in it."""
        expired_at = self._clock.now() - seconds(CLOCK_SKEW_SECONDS)
        in_use = [key for key in keys.keys if key.accepted_until >= expired_at]
        # Envoy accepts no empty set. The services refuse what is signed with an expired key, whatever Envoy does.
        return {"keys": [key.members for key in in_use or keys.keys]}


def write_privately(path: Path, text: str) -> None:
    """Replace the file atomically with one that only this user can read."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    Path(temporary).replace(path)
