"""A real tracking service in this process, on a free port."""

from __future__ import annotations

import pytest

from tests.tokens import SECRET
from tracking_service.settings import TrackingSettings


def tracking_settings(database: str, monkeypatch: pytest.MonkeyPatch, **chosen: str) -> TrackingSettings:
    """Return settings as a process would read them; `chosen` are further environment variables."""
    environment = {"DATABASE_URL": database, "JWT_HS256_SECRET": SECRET, "TRACKING_PORT": "0", **chosen}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return TrackingSettings()
