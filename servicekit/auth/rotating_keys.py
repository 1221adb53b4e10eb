"""The keys as JWT_JWKS_FILE says now: it is read again when it changes (docs/identity.md#changing-keys)."""

from __future__ import annotations

import asyncio
import logging

from servicekit.auth.keys import KeysInvalid, VerificationKeys, load_keys
from servicekit.file_watch import FileWatch
from servicekit.settings import IdentitySettings

_log = logging.getLogger(__name__)


class RotatingKeys:
    """Has the keys of the settings. While `run` runs, it follows changes of their file."""

    def __init__(self, settings: IdentitySettings) -> None:
        """Read the keys; KeysInvalid."""
        self._settings = settings
        file = settings.jwt_jwks_file
        # Before the file is read, so that no change is missed.
        self._watch = FileWatch([file] if file else [])
        self._current = self._load()

    @property
    def current(self) -> VerificationKeys:
        """The keys; another object whenever they have changed."""
        return self._current

    async def run(self) -> None:
        """Run until cancelled. A file that is not valid is logged, and the keys stay as they are."""
        while True:
            await self._watch.until_changed()
            try:
                self._current = await asyncio.to_thread(self._load)
            except KeysInvalid as error:
                _log.error("the keys stay as they are, because the file with new ones is not valid: %s", error)
            else:
                _log.info("the keys have changed", extra={"key_ids": [key.key_id for key in self._current.keys]})

    def _load(self) -> VerificationKeys:
        return load_keys(self._settings.jwt_hs256_secret.get_secret_value(), self._settings.jwt_jwks_file)
