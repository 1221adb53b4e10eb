from __future__ import annotations

from pathlib import Path

import pytest

from development import token
from servicekit.auth.keys import load_keys
from servicekit.auth.principal import Principal
from servicekit.auth.verifier import TokenVerifier
from servicekit.clock import MICROSECONDS_PER_SECOND, SystemClock
from servicekit.settings import MIN_SECRET_BYTES

SECRET = "x" * MIN_SECRET_BYTES
SECONDS_PER_HOUR = 3600


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_HS256_SECRET", SECRET)
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))


def printed_principal(capsys: pytest.CaptureFixture[str], *arguments: str) -> Principal:
    token.main(list(arguments))
    output = capsys.readouterr()
    assert output.err == ""
    return TokenVerifier(load_keys(SECRET, None), SystemClock()).verify(output.out.removesuffix("\n"))


def test_a_person_s_token_is_accepted_by_the_services(capsys: pytest.CaptureFixture[str]) -> None:
    principal = printed_principal(capsys, "--user", "101", "--role", "tutor")
    assert (principal.user_id, principal.role, principal.is_service) == (101, "tutor", False)


def test_a_relay_s_token_is_accepted_by_the_services(capsys: pytest.CaptureFixture[str]) -> None:
    principal = printed_principal(capsys, "--service", "relay-1")
    assert (principal.subject, principal.is_service) == ("relay-1", True)


@pytest.mark.parametrize(("arguments", "hours"), [([], 12), (["--hours", "0.5"], 0.5)])
def test_a_token_has_the_requested_lifetime(
    capsys: pytest.CaptureFixture[str], arguments: list[str], hours: float
) -> None:
    before = SystemClock().now() // MICROSECONDS_PER_SECOND
    ends = (
        printed_principal(capsys, "--user", "101", "--role", "tutor", *arguments).expires_at // MICROSECONDS_PER_SECOND
    )
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
def test_wrong_arguments_are_explained(capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    with pytest.raises(SystemExit) as ending:
        token.main(arguments)
    output = capsys.readouterr()
    assert (ending.value.code, output.out) == (2, "")
    assert message in output.err
