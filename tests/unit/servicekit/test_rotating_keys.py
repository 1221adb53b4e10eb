"""Which keys verify and sign while they change (docs/identity.md#changing-keys)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm
from pydantic import SecretStr

from servicekit.auth.claims import TokenInvalid
from servicekit.auth.keys import KeysInvalid, load_keys
from servicekit.auth.rotating_keys import RotatingKeys, rotating_keys
from servicekit.auth.service_token import ServiceToken
from servicekit.auth.verifier import TokenExpired, TokenVerifier
from servicekit.settings import ServiceIdentitySettings
from testkit.clock import SettableClock
from testkit.eventually import eventually
from testkit.key_set import NEW, OLD, Secret, write_key_set
from testkit.replaced_file import replace
from testkit.tokens import SECRET, token

START = datetime.now(UTC)


def seconds_from_start(seconds: int) -> int:
    return int((START + timedelta(seconds=seconds)).timestamp())


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(START)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "jwks.json"


def settings(file: Path, secret: str = "") -> ServiceIdentitySettings:
    return ServiceIdentitySettings(jwt_hs256_secret=SecretStr(secret), jwt_jwks_file=file)


@asynccontextmanager
async def followed(keys: RotatingKeys) -> AsyncIterator[None]:
    following = asyncio.create_task(keys.run())
    try:
        yield
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following


def test_the_tokens_of_every_key_in_the_file_and_of_the_secret_are_accepted(file: Path, clock: SettableClock) -> None:
    keys = load_keys(SECRET, write_key_set(file, OLD.jwk(), NEW.jwk()))
    verifier = TokenVerifier(keys, clock)
    accepted = [OLD.token(1, "tutor"), NEW.token(2, "tutor"), token(3, "tutor")]
    assert [verifier.verify(each).user_id for each in accepted] == [1, 2, 3]


def test_a_token_is_tried_with_the_key_that_it_names_alone(file: Path, clock: SettableClock) -> None:
    verifier = TokenVerifier(load_keys("", write_key_set(file, OLD.jwk(), NEW.jwk())), clock)
    with pytest.raises(TokenInvalid):
        verifier.verify(Secret(NEW.key_id, OLD.secret).token(1, "tutor"))


def test_a_token_that_names_no_key_is_tried_with_all_of_its_algorithm(file: Path, clock: SettableClock) -> None:
    verifier = TokenVerifier(load_keys("", write_key_set(file, OLD.jwk(), NEW.jwk())), clock)
    assert verifier.verify(Secret("", NEW.secret).token(1, "tutor")).user_id == 1


def test_a_token_that_names_a_key_is_also_tried_with_keys_without_a_name(file: Path, clock: SettableClock) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    verifier = TokenVerifier(
        load_keys("", write_key_set(file, ECAlgorithm.to_jwk(private.public_key(), as_dict=True))), clock
    )
    claims = {"sub": "1", "role": "tutor", "exp": seconds_from_start(60)}
    assert verifier.verify(jwt.encode(claims, private, algorithm="ES256", headers={"kid": "any"})).user_id == 1


@pytest.mark.parametrize("known", [True, False], ids=["known", "new"])
def test_the_tokens_of_a_key_end_with_it(file: Path, clock: SettableClock, *, known: bool) -> None:
    verifier = TokenVerifier(load_keys("", write_key_set(file, OLD.jwk(exp=seconds_from_start(60)))), clock)
    signed = OLD.token(1, "tutor")
    if known:
        verifier.verify(signed)
    clock.advance(60 + 30 + 1)
    with pytest.raises(TokenExpired):
        verifier.verify(signed)


@pytest.mark.parametrize(
    "keys",
    [
        [{**OLD.jwk(), "kid": ""}],
        [{**OLD.jwk(), "kid": None}],
        [{**OLD.jwk(), "kid": 7}],
        [Secret("short", "31 bytes are one byte too few..").jwk()],
        [OLD.jwk(), OLD.jwk()],
        [{**OLD.jwk(), "alg": "HS512"}],
        [{**OLD.jwk(), "exp": "tomorrow"}],
        [{**OLD.jwk(), "nbf": True}],
        ["key"],
        [{}],
        [Secret(str(number), OLD.secret).jwk() for number in range(21)],
    ],
    ids=str,
)
def test_a_key_set_that_can_not_be_meant_is_refused_without_showing_it(file: Path, keys: list[Any]) -> None:
    with pytest.raises(KeysInvalid, match=r"jwks\.json") as refused:
        load_keys(SECRET, write_key_set(file, *keys))
    assert "k'" not in str(refused.value)


async def test_services_sign_with_the_newest_key_from_its_time_on(file: Path, clock: SettableClock) -> None:
    write_key_set(file, OLD.jwk(), NEW.jwk(nbf=seconds_from_start(60)))
    service_token = ServiceToken(settings(file), keys=rotating_keys(settings(file)), service="relay", clock=clock)
    assert jwt.get_unverified_header(await service_token.get())["kid"] == OLD.key_id
    clock.advance(61)
    assert jwt.get_unverified_header(await service_token.get())["kid"] == NEW.key_id


async def test_services_do_not_sign_with_a_key_that_has_ended(file: Path, clock: SettableClock) -> None:
    write_key_set(file, OLD.jwk(), NEW.jwk(nbf=seconds_from_start(-60), exp=seconds_from_start(60)))
    service_token = ServiceToken(settings(file), keys=rotating_keys(settings(file)), service="relay", clock=clock)
    clock.advance(61)
    assert jwt.get_unverified_header(await service_token.get())["kid"] == OLD.key_id


async def test_a_key_that_is_taken_away_verifies_nothing_from_then_on(file: Path, clock: SettableClock) -> None:
    keys = rotating_keys(settings(write_key_set(file, OLD.jwk(), NEW.jwk())))
    verifier = TokenVerifier(keys, clock)
    old, new = OLD.token(1, "tutor"), NEW.token(1, "tutor")
    verifier.verify(old)
    async with followed(keys):
        before = keys.current
        write_key_set(file, NEW.jwk())
        await eventually(lambda: keys.current is not before)
    assert verifier.verify(new).user_id == 1
    with pytest.raises(TokenInvalid):
        verifier.verify(old)


async def test_a_file_that_is_not_valid_leaves_the_keys_as_they_are_and_is_logged_until_it_is_mended(
    file: Path, clock: SettableClock, caplog: pytest.LogCaptureFixture
) -> None:
    keys = rotating_keys(settings(write_key_set(file, OLD.jwk())))
    async with followed(keys):
        replace(file, "half of a fi")
        await eventually(lambda: bool(caplog.records))
        assert TokenVerifier(keys, clock).verify(OLD.token(1, "tutor")).user_id == 1
        before = keys.current
        write_key_set(file, NEW.jwk())
        await eventually(lambda: keys.current is not before)
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "jwks.json" in record.getMessage()
    assert TokenVerifier(keys, clock).verify(NEW.token(1, "tutor")).user_id == 1
