"""What Envoy gets while keys end and files change."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from gateway.envoy_secrets import EnvoySecrets
from gateway.settings import GatewaySettings
from servicekit.auth.keys import KeysInvalid
from testkit.clock import SettableClock
from testkit.key_set import NEW, OLD, write_key_set
from testkit.replaced_file import replace

NAME = "token_filter.yaml"
START = datetime(2026, 3, 2, 12, tzinfo=UTC)
IN_A_MINUTE = int((START + timedelta(minutes=1)).timestamp())


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(START)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return write_key_set(tmp_path / "jwks.json", OLD.jwk(exp=IN_A_MINUTE), NEW.jwk())


@pytest.fixture
def secrets(key_file: Path, tmp_path: Path, clock: SettableClock, monkeypatch: pytest.MonkeyPatch) -> EnvoySecrets:
    monkeypatch.delenv("JWT_HS256_SECRET", raising=False)
    return EnvoySecrets(GatewaySettings(jwt_jwks_file=key_file), tmp_path, clock)


def key_ids(directory: Path) -> list[str]:
    """Return the ids of the keys that Envoy reads."""
    (resource,) = yaml.safe_load((directory / NAME).read_text())["resources"]
    keys = json.loads(resource["typed_config"]["providers"]["platform"]["local_jwks"]["inline_string"])
    return [key["kid"] for key in keys["keys"]]


def test_a_file_is_written_again_only_if_it_changes(secrets: EnvoySecrets, key_file: Path, tmp_path: Path) -> None:
    assert [secrets.write(NAME), secrets.write(NAME)] == [True, False]
    write_key_set(key_file, NEW.jwk())
    assert secrets.write(NAME)
    assert key_ids(tmp_path) == [NEW.key_id]


def test_a_key_is_taken_away_when_the_services_accept_it_no_more(
    secrets: EnvoySecrets, tmp_path: Path, clock: SettableClock
) -> None:
    secrets.write(NAME)
    clock.advance(60 + 30)
    assert not secrets.write(NAME)
    clock.advance(1)
    assert secrets.write(NAME)
    assert key_ids(tmp_path) == [NEW.key_id]


def test_if_every_key_has_ended_envoy_keeps_them_because_it_needs_one(
    secrets: EnvoySecrets, key_file: Path, tmp_path: Path, clock: SettableClock
) -> None:
    write_key_set(key_file, OLD.jwk(exp=IN_A_MINUTE))
    clock.advance(3600)
    secrets.write(NAME)
    assert key_ids(tmp_path) == [OLD.key_id]


def test_a_file_that_is_not_valid_leaves_what_envoy_has(secrets: EnvoySecrets, key_file: Path, tmp_path: Path) -> None:
    secrets.write(NAME)
    replace(key_file, "half of a fi")
    with pytest.raises(KeysInvalid):
        secrets.write(NAME)
    assert key_ids(tmp_path) == [OLD.key_id, NEW.key_id]
