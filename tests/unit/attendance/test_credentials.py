from __future__ import annotations

from pathlib import Path

import jwt
import pytest

from attendance_service.tracking.credentials import FileTokenSource, ServiceTokenUnreadable, SigningTokenSource
from servicekit.auth.issuer import SERVICE_TOKEN_LIFETIME
from servicekit.clock import Instant, seconds
from testkit.tokens import SECRET

HALF_A_LIFE = seconds(SERVICE_TOKEN_LIFETIME.total_seconds() / 2)


class StoppedClock:
    def __init__(self) -> None:
        self.moment = Instant(seconds(1_800_000_000))

    def now(self) -> Instant:
        return self.moment


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


def test_a_signed_token_has_the_role_service(clock: StoppedClock) -> None:
    claims = jwt.decode(
        SigningTokenSource(SECRET, clock)(), SECRET, algorithms=["HS256"], options={"verify_iat": False}
    )
    assert claims["role"] == "service"


def test_a_signed_token_is_used_for_half_of_its_life(clock: StoppedClock) -> None:
    source = SigningTokenSource(SECRET, clock)
    first = source()
    clock.moment = Instant(clock.moment + HALF_A_LIFE - 1)
    assert source() == first


def test_a_signed_token_is_renewed_long_before_it_ends(clock: StoppedClock) -> None:
    source = SigningTokenSource(SECRET, clock)
    first = source()
    clock.moment = Instant(clock.moment + HALF_A_LIFE)
    assert source() != first


def test_a_token_file_is_read_anew(tmp_path: Path) -> None:
    file = tmp_path / "token"
    source = FileTokenSource(file)
    file.write_text("first\n")
    assert source() == "first"
    file.write_text("second\n")
    assert source() == "second"


def test_a_token_file_that_is_away_is_told_as_unavailable(tmp_path: Path) -> None:
    with pytest.raises(ServiceTokenUnreadable):
        FileTokenSource(tmp_path / "missing")()
