from __future__ import annotations

from pathlib import Path

import pytest

from attendance_service.settings import AttendanceSettings
from testkit.tokens import SECRET


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in AttendanceSettings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("DATABASE_URL", "postgresql://localhost/astegni")
    return monkeypatch


def settings() -> AttendanceSettings:
    return AttendanceSettings()


def test_a_database_and_a_secret_are_all_that_is_needed(bare_environment: pytest.MonkeyPatch) -> None:
    bare_environment.setenv("JWT_HS256_SECRET", SECRET)
    assert (settings().attendance_port, settings().session_timezone) == (50052, "Africa/Addis_Ababa")


def test_with_a_token_file_no_secret_is_needed(bare_environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bare_environment.setenv("JWT_JWKS_FILE", str(tmp_path / "jwks.json"))
    bare_environment.setenv("SERVICE_TOKEN_FILE", str(tmp_path / "token"))
    assert settings().service_token_file == tmp_path / "token"


def test_passwords_do_not_show(bare_environment: pytest.MonkeyPatch) -> None:
    bare_environment.setenv("JWT_HS256_SECRET", SECRET)
    bare_environment.setenv("DATABASE_URL", "postgresql://someone:password@localhost/astegni")
    assert "password" not in repr(settings())
    assert SECRET not in repr(settings())
