"""The token that a service sends is signed in time or read from its file."""

from __future__ import annotations

import asyncio
import os
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt
import pytest
from pydantic import SecretStr

from servicekit.auth.keys import KeysInvalid, VerificationKeys, load_keys
from servicekit.auth.service_token import ServiceToken, ServiceTokenUnreadable
from servicekit.auth.verifier import configured_verifier
from servicekit.settings import ServiceIdentitySettings
from testkit.clock import SettableClock
from testkit.tokens import SECRET

#: As where the key set has public keys only.
NOTHING_TO_SIGN_WITH = VerificationKeys(())
#: The lifetime of a signed token.
LIFETIME_SECONDS = 15 * 60


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(datetime.now(UTC))


def signing_token(clock: SettableClock) -> ServiceToken:
    settings = ServiceIdentitySettings(jwt_hs256_secret=SecretStr(SECRET), service_token_file=None)
    return ServiceToken(settings, keys=keys_of(settings), service="some-service", clock=clock)


def file_token(file: Path, clock: SettableClock) -> ServiceToken:
    settings = ServiceIdentitySettings(
        jwt_hs256_secret=SecretStr(""), jwt_jwks_file=Path("jwks.json"), service_token_file=file
    )
    return ServiceToken(settings, keys=NOTHING_TO_SIGN_WITH, service="some-service", clock=clock)


def keys_of(settings: ServiceIdentitySettings) -> VerificationKeys:
    return load_keys(settings.jwt_hs256_secret.get_secret_value(), settings.jwt_jwks_file)


def claims(token: str) -> dict[str, Any]:
    return jwt.decode(token, SECRET, algorithms=["HS256"], options={"verify_iat": False, "verify_exp": False})


async def test_a_signed_token_names_the_service_and_its_role(clock: SettableClock) -> None:
    signed = claims(await signing_token(clock).get())
    assert (signed["sub"], signed["role"]) == ("some-service", "service")


async def test_a_signed_token_passes_where_an_issuer_and_an_audience_are_required(clock: SettableClock) -> None:
    settings = ServiceIdentitySettings(
        jwt_hs256_secret=SecretStr(SECRET), jwt_issuer="platform", jwt_audience="attendance"
    )
    token = await ServiceToken(settings, keys=keys_of(settings), service="some-service", clock=clock).get()
    assert configured_verifier(settings, keys_of(settings), clock).verify(token).is_service


async def test_a_signed_token_is_used_again_until_half_of_its_lifetime(clock: SettableClock) -> None:
    token = signing_token(clock)
    first = await token.get()
    clock.advance(LIFETIME_SECONDS / 2 - 1)
    assert await token.get() == first


async def test_a_signed_token_is_renewed_at_half_of_its_lifetime(clock: SettableClock) -> None:
    token = signing_token(clock)
    first = await token.get()
    clock.advance(LIFETIME_SECONDS / 2)
    assert claims(await token.get())["exp"] >= claims(first)["exp"] + LIFETIME_SECONDS / 2


async def test_the_secret_is_preferred_to_the_file(clock: SettableClock, tmp_path: Path) -> None:
    settings = ServiceIdentitySettings(jwt_hs256_secret=SecretStr(SECRET), service_token_file=tmp_path / "missing")
    assert claims(await ServiceToken(settings, keys=keys_of(settings), service="some-service", clock=clock).get())


def test_without_a_key_to_sign_with_a_file_is_needed(clock: SettableClock) -> None:
    settings = ServiceIdentitySettings(jwt_hs256_secret=SecretStr(""), jwt_jwks_file=Path("jwks.json"))
    with pytest.raises(KeysInvalid, match="SERVICE_TOKEN_FILE"):
        ServiceToken(settings, keys=NOTHING_TO_SIGN_WITH, service="some-service", clock=clock)


async def test_a_changed_file_is_used_from_the_next_call_on(clock: SettableClock, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("first\n")
    token = file_token(file, clock)
    assert await token.get() == "first"
    file.write_text("second")
    assert await token.get() == "second"


@pytest.mark.parametrize("content", [None, b"", b" \n", b"\xff\xfe"])
async def test_a_file_without_a_token_is_reported_and_logged(
    clock: SettableClock, tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes | None
) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ServiceTokenUnreadable):
        await file_token(file, clock).get()
    assert [vars(record)["file"] for record in caplog.records] == [str(file)]


async def test_a_slow_file_does_not_block_the_event_loop(clock: SettableClock, tmp_path: Path) -> None:
    # Opening a named pipe to read it blocks until a writer opens it.
    pipe = tmp_path / "token"
    os.mkfifo(pipe)
    reading = asyncio.create_task(file_token(pipe, clock).get())
    await asyncio.sleep(0)
    writer = threading.Thread(target=pipe.write_text, args=("slow",))
    writer.start()
    assert await reading == "slow"
    writer.join()
