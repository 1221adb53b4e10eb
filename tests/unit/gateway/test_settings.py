"""The gateway's settings: what is refused before anything starts."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from gateway.settings import GatewaySettings
from testkit.tokens import SECRET


@pytest.mark.parametrize("url", ["", "https://app.example.org/login?next=a", "http://localhost:8080/", "/login"])
def test_people_sign_in_at_a_url_or_at_a_path(url: str) -> None:
    assert GatewaySettings(jwt_hs256_secret=SECRET, sign_in_url=url).sign_in_url == url


@pytest.mark.parametrize("url", ["javascript:alert(1)", "app.example.org/login", "//elsewhere.example", "https://"])
def test_nothing_else_becomes_a_link(url: str) -> None:
    with pytest.raises(ValidationError, match="is no URL"):
        GatewaySettings(jwt_hs256_secret=SECRET, sign_in_url=url)
