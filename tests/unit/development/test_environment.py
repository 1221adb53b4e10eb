from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from development.environment import DevelopmentSettings, signing_secret
from servicekit.settings import MIN_SECRET_BYTES


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DevelopmentSettings:
    monkeypatch.delenv("JWT_HS256_SECRET", raising=False)
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    return DevelopmentSettings()


def test_the_secret_is_kept(settings: DevelopmentSettings) -> None:
    assert signing_secret(settings) == signing_secret(settings)


def test_the_secret_is_strong_enough_for_the_services(settings: DevelopmentSettings) -> None:
    assert len(signing_secret(settings)) >= MIN_SECRET_BYTES


def test_no_other_user_can_read_the_secret(settings: DevelopmentSettings) -> None:
    signing_secret(settings)
    assert stat.S_IMODE((settings.state_directory / "jwt-secret").stat().st_mode) == 0o600


def test_two_checkouts_have_different_secrets(settings: DevelopmentSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", f"{settings.state_directory}-other")
    assert signing_secret(settings) != signing_secret(DevelopmentSettings())


def test_commands_that_start_together_agree_on_one_secret(settings: DevelopmentSettings) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: signing_secret(settings), range(8)))) == 1


def test_a_secret_from_the_environment_is_preferred(
    settings: DevelopmentSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JWT_HS256_SECRET", "x" * MIN_SECRET_BYTES)
    assert signing_secret(DevelopmentSettings()) == "x" * MIN_SECRET_BYTES
    assert not settings.state_directory.exists()
