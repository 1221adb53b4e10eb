from __future__ import annotations

from pathlib import Path

import pytest

from development import ctl
from development.environment import DevelopmentSettings


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DevelopmentSettings:
    for variable in ("DATABASE_URL", "JWT_HS256_SECRET", "GATEWAY_PORT", "TLS"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    return DevelopmentSettings()


def test_what_make_up_runs_is_found(settings: DevelopmentSettings) -> None:
    settings.database_url_file.write_text("postgresql://demo")
    found = ctl.operators_environment(settings, needs_database=True)
    assert found["DATABASE_URL"] == "postgresql://demo"
    assert found["GATEWAY_PROBE_ADDRESS"] == "127.0.0.1:8000"
    assert found["JWT_HS256_SECRET"] == (settings.state_directory / "jwt-secret").read_text()


def test_without_a_database_it_says_how_to_get_one(settings: DevelopmentSettings) -> None:
    with pytest.raises(SystemExit, match="start the embedded one with `make up`"):
        ctl.operators_environment(settings, needs_database=True)


@pytest.mark.parametrize(
    ("arguments", "needs"),
    [
        (["verify"], True),
        (["token", "--user", "1"], False),
        (["doctor"], False),
        (["erase", "--help"], False),
        ([], False),
    ],
)
def test_only_commands_that_use_a_database_need_one(arguments: list[str], *, needs: bool) -> None:
    assert ctl.needs_database(arguments) is needs
