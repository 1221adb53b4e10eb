"""Fixtures for a real tracking service in this process; folders that use them import them into their conftest."""

from __future__ import annotations

import pytest

from tests.tokens import SECRET
from tests.whiteboards import add_whiteboard_session
from tracking_service.settings import TrackingSettings


@pytest.fixture
def settings(database: str, monkeypatch: pytest.MonkeyPatch) -> TrackingSettings:
    """Return settings for a service on a free port."""
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("JWT_HS256_SECRET", SECRET)
    monkeypatch.setenv("TRACKING_PORT", "0")
    return TrackingSettings()


@pytest.fixture
def session_id(database: str) -> int:
    """Return a whiteboard session of the usual tutor and student."""
    return add_whiteboard_session(database)
