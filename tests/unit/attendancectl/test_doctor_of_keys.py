from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from attendancectl.doctor.findings import Finding, Level
from attendancectl.doctor.keys import key_findings
from servicekit.auth.issuer import issue_service_token, issue_token
from servicekit.clock import MICROSECONDS_PER_SECOND, SystemClock
from testkit.key_set import NEW, OLD

SECONDS_PER_DAY = 86_400


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("JWT_HS256_SECRET", "JWT_JWKS_FILE", "SERVICE_TOKEN_FILE"):
        monkeypatch.delenv(variable, raising=False)


def in_days(days: float) -> int:
    return SystemClock().now() // MICROSECONDS_PER_SECOND + round(days * SECONDS_PER_DAY)


def found(monkeypatch: pytest.MonkeyPatch, directory: Path, *keys: Mapping[str, object]) -> dict[str, Finding]:
    file = directory / "keys.json"
    file.write_text(json.dumps({"keys": keys}))
    monkeypatch.setenv("JWT_JWKS_FILE", str(file))
    return {finding.check: finding for finding in key_findings()}


def test_a_secret_verifies_and_signs_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_HS256_SECRET", "x" * 32)
    assert [finding.level for finding in key_findings()] == [Level.OK, Level.OK]


def test_without_keys_nothing_is_looked_at() -> None:
    assert [finding.level for finding in key_findings()] == [Level.SKIPPED]


@pytest.mark.parametrize(("days", "level"), [(-1, Level.FAILED), (3, Level.WARNING), (60, Level.OK)])
def test_the_end_of_the_last_key_is_announced(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, days: int, level: Level
) -> None:
    keys = found(monkeypatch, tmp_path, OLD.jwk(exp=in_days(days)))["keys"]
    assert (keys.level, bool(keys.next_step)) == (level, level != Level.OK)


def test_a_key_that_ends_soon_is_no_matter_if_another_follows_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert found(monkeypatch, tmp_path, OLD.jwk(exp=in_days(1)), NEW.jwk())["keys"].level == Level.OK


def test_a_file_that_is_no_key_set_fails_without_its_content(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    keys = found(monkeypatch, tmp_path, {"kty": "oct", "k": "c2VjcmV0"})["keys"]
    assert (keys.level, "c2VjcmV0" in keys.found) == (Level.FAILED, False)


PUBLIC = {
    "kty": "EC",
    "crv": "P-256",
    "kid": "public",
    # The example of RFC 7515, A.3.
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}


@pytest.mark.parametrize("minutes", [-1, 1, None])
def test_without_a_key_that_signs_the_token_file_has_to_be_fresh(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, minutes: int | None
) -> None:
    file = tmp_path / "token"
    monkeypatch.setenv("SERVICE_TOKEN_FILE", str(file))
    if minutes is not None:
        lifetime = timedelta(minutes=minutes)
        file.write_text(
            issue_token(OLD.secret, subject="relay", role="service", clock=SystemClock(), lifetime=lifetime)
        )
    assert found(monkeypatch, tmp_path, PUBLIC)["service tokens"].level == Level.FAILED


def test_a_fresh_token_file_suffices(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(issue_service_token(OLD.secret, service="relay", clock=SystemClock()))
    monkeypatch.setenv("SERVICE_TOKEN_FILE", str(file))
    assert found(monkeypatch, tmp_path, PUBLIC)["service tokens"].level == Level.OK


def test_without_a_token_file_nobody_could_call(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert found(monkeypatch, tmp_path, PUBLIC)["service tokens"].level == Level.FAILED
