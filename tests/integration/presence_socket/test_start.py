"""How a presence socket starts without a shared secret, and what it leaves behind if its port is taken."""

from __future__ import annotations

import asyncio
import json
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from gateway.presence_socket.app import PresenceSocketApp
from gateway.presence_socket.settings import PresenceSocketSettings
from testkit.running_app import running
from testkit.tokens import SECRET, token
from testkit.tracking_app import Service
from testkit.whiteboard_pages import connected_page
from testkit.whiteboard_sessions import RELAY, STUDENT


async def test_without_a_secret_pages_are_verified_by_a_key_set_and_the_service_token_is_read_from_a_file(
    service: Service, session_id: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    jwks_file, token_file = tmp_path / "jwks.json", tmp_path / "token"
    jwks_file.write_text(json.dumps({"keys": [ECAlgorithm.to_jwk(key.public_key(), as_dict=True)]}))
    token_file.write_text(f"{token(RELAY, 'service')}\n")
    claims = {"sub": str(STUDENT), "role": "student", "exp": datetime.now(UTC) + timedelta(hours=1)}
    for name, value in {
        "JWT_HS256_SECRET": "",
        "JWT_JWKS_FILE": str(jwks_file),
        "SERVICE_TOKEN_FILE": str(token_file),
        "TRACKING_ADDRESS": service.address,
        "SOCKET_PORT": "0",
    }.items():
        monkeypatch.setenv(name, value)
    async with (
        running(PresenceSocketApp(PresenceSocketSettings())) as app,
        connected_page(app.port, session_id, jwt.encode(claims, key, algorithm="ES256")),
    ):
        pass


async def test_a_taken_port_stops_everything_that_was_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_HS256_SECRET", SECRET)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("SOCKET_PORT", str(taken.getsockname()[1]))
        app = PresenceSocketApp(PresenceSocketSettings())
        with pytest.raises(OSError, match="address already in use"):
            await app.start()
    assert asyncio.all_tasks() == {asyncio.current_task()}
    await app.stop()
