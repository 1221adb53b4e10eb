"""The secret that signs the tokens of a developer's machine."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from development.environment import DevelopmentSettings, make_state_directory, private_draft
from servicekit.settings import MIN_SECRET_BYTES

FILE_NAME = "jwt-secret"


def signing_secret(settings: DevelopmentSettings) -> str:
    """Return the configured secret, else the one kept in the state directory, which is made on first use."""
    configured = settings.jwt_hs256_secret.get_secret_value()
    return configured or _kept_secret(settings.state_directory)


def _kept_secret(state_directory: Path) -> str:
    file = state_directory / FILE_NAME
    if not file.exists():
        make_state_directory(state_directory)
        draft = private_draft(file, secrets.token_hex(MIN_SECRET_BYTES))
        try:
            # Of two commands that start together one wins, and both read the winner's secret.
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return file.read_text().strip()
