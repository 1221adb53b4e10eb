from __future__ import annotations

import json
from pathlib import Path

import jwt
import pytest
from typer.testing import CliRunner, Result

from attendancectl.app import app
from servicekit.auth.keys import load_keys
from servicekit.auth.principal import Principal
from servicekit.auth.verifier import TokenVerifier
from servicekit.clock import MICROSECONDS_PER_SECOND, SystemClock
from servicekit.settings import MIN_SECRET_BYTES

SECRET = "x" * MIN_SECRET_BYTES
SECONDS_PER_HOUR = 3600


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_HS256_SECRET", SECRET)


def token(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["token", *arguments])


def printed_principal(*arguments: str) -> Principal:
    done = token(*arguments)
    assert (done.exit_code, done.stderr) == (0, "")
    return TokenVerifier(load_keys(SECRET, None), SystemClock()).verify(done.stdout.removesuffix("\n"))


def test_a_person_s_token_is_accepted_by_the_services() -> None:
    principal = printed_principal("--user", "101", "--role", "tutor")
    assert (principal.user_id, principal.role, principal.is_service) == (101, "tutor", False)


def test_a_relay_s_token_is_accepted_by_the_services() -> None:
    principal = printed_principal("--service", "relay-1")
    assert (principal.subject, principal.is_service) == ("relay-1", True)


@pytest.mark.parametrize(("arguments", "hours"), [([], 12), (["--hours", "0.5"], 0.5)])
def test_a_token_has_the_requested_lifetime(arguments: list[str], hours: float) -> None:
    before = SystemClock().now() // MICROSECONDS_PER_SECOND
    ends = printed_principal("--user", "101", "--role", "tutor", *arguments).expires_at // MICROSECONDS_PER_SECOND
    after = SystemClock().now() // MICROSECONDS_PER_SECOND
    assert before <= ends - hours * SECONDS_PER_HOUR <= after


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "name the subject"),
        (["--user", "101"], "name the subject"),
        (["--role", "tutor"], "name the subject"),
        (["--user", "0", "--role", "tutor"], "whole number from 1"),
        (["--user", "2147483648", "--role", "tutor"], "whole number from 1"),
        (["--user", "x", "--role", "tutor"], "whole number from 1"),
        (["--user", "101", "--role", "tutor", "--service", "relay"], "--service excludes --user"),
        (["--user", "101", "--role", "tutor", "--hours", "0"], "more than 0"),
        (["--user", "101", "--role", "tutor", "--hours", "nan"], "not a number of hours"),
        (["--user", "101", "--role", "tutor", "--hours", "soon"], "not a number of hours"),
    ],
)
def test_wrong_arguments_are_explained(arguments: list[str], message: str) -> None:
    done = token(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert message in done.stderr


def test_without_a_key_it_says_which_settings_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JWT_HS256_SECRET")
    done = token("--user", "101", "--role", "tutor")
    assert (done.exit_code, done.stdout) == (2, "")


def test_the_newest_signing_key_of_a_key_set_signs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps({"keys": [{"kty": "oct", "kid": "2026-11", "k": "A" * 64, "nbf": 1}]}))
    monkeypatch.setenv("JWT_JWKS_FILE", str(keys))
    done = token("--service", "relay-1", "--json")
    printed = json.loads(done.stdout)["token"]
    assert jwt.get_unverified_header(printed)["kid"] == "2026-11"
    assert TokenVerifier(load_keys("", keys), SystemClock()).verify(printed).subject == "relay-1"
