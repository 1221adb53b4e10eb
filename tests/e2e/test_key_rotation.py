"""Keys are changed while everything runs: at every door old and new tokens get in when they should, and only then.

The steps are those of docs/identity.md#changing-keys.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from astegni.attendance.v1 import attendance_pb2, attendance_pb2_grpc
from astegni.tracking.v1 import tracking_pb2, tracking_pb2_grpc
from testkit.envoy import Gateway, refreshing, running_gateway
from testkit.eventually import eventually
from testkit.key_set import NEW, OLD, Secret, write_key_set
from testkit.presence_socket_process import presence_socket_process
from testkit.service_process import ServiceProcess, attendance_process, tracking_process
from testkit.tokens import metadata
from testkit.whiteboard_pages import connected_page, open_page
from testkit.whiteboard_sessions import STUDENT, add_whiteboard_session

ADMIN = 1
#: Longer ago than clocks may differ.
LONG_PAST = 1_000_000_000
#: The close codes for a token that is not valid, or has expired with its key.
TOKEN_CODES = (4401, 4408)
DOORS = ("REST", "gRPC at the gateway", "gRPC at tracking", "gRPC at attendance", "presence socket")


@dataclass(frozen=True, kw_only=True)
class Stack:
    """Everything, with the keys of one file."""

    gateway: Gateway
    tracking: ServiceProcess
    attendance: ServiceProcess
    socket: ServiceProcess
    session_id: int

    def open_to(self, key: Secret) -> set[str]:
        """Return the doors that a token of this key gets through."""
        bearer = key.token(STUDENT, "student")
        tries: tuple[Callable[[], bool], ...] = (
            lambda: self.asks(key, "student", "/api/tutor/sessions") != httpx.codes.UNAUTHORIZED,
            lambda: self._status(self.gateway.address, bearer),
            lambda: self._status(self.tracking.address, bearer),
            lambda: self._sessions(bearer),
            lambda: asyncio.run(self._connects(bearer)),
        )
        return {door for door, gets_in in zip(DOORS, tries, strict=True) if gets_in()}

    def asks(self, key: Secret, role: str, path: str) -> int:
        """Return the status of a GET."""
        headers = dict(metadata(key.token(STUDENT if role == "student" else ADMIN, role)))
        return httpx.get(f"{self.gateway.url}{path}", headers=headers).status_code

    def _status(self, address: str, bearer: str) -> bool:
        with grpc.insecure_channel(address) as channel:
            stub = tracking_pb2_grpc.TrackingServiceStub(channel)
            request = tracking_pb2.GetConnectionStatusRequest(session_id=self.session_id)
            return _gets_in(lambda: stub.GetConnectionStatus(request, metadata=metadata(bearer)))

    def _sessions(self, bearer: str) -> bool:
        with grpc.insecure_channel(self.attendance.address) as channel:
            stub = attendance_pb2_grpc.AttendanceServiceStub(channel)
            return _gets_in(lambda: stub.ListSessions(attendance_pb2.ListSessionsRequest(), metadata=metadata(bearer)))

    async def _connects(self, bearer: str) -> bool:
        # The gateway lets sockets pass unverified, and takes a second to close each.
        async with open_page(self.socket.port, self.session_id, bearer) as page:
            try:
                await page.receive_type("connected")
            except ConnectionClosed:
                return page.connection.close_code not in TOKEN_CODES
        return True


def _gets_in(call: Callable[[], object]) -> bool:
    try:
        call()
    except grpc.RpcError as error:
        code: grpc.StatusCode = error.code()
        assert code is grpc.StatusCode.UNAUTHENTICATED
        return False
    return True


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return write_key_set(tmp_path / "jwks.json", OLD.jwk())


@pytest.fixture
def stack(database: str, key_file: Path, tmp_path: Path) -> Iterator[Stack]:
    keys = {"JWT_HS256_SECRET": "", "JWT_JWKS_FILE": str(key_file)}
    with (
        tracking_process(database, tmp_path / "tracking.log", **keys) as tracking,
        attendance_process(database, tracking.address, tmp_path / "attendance.log", **keys) as attendance,
        presence_socket_process(tracking.address, tmp_path / "socket.log", **keys) as socket,
    ):
        settings = keys | {
            "TRACKING_ADDRESS": tracking.address,
            "ATTENDANCE_ADDRESS": attendance.address,
            "SOCKET_ADDRESS": socket.address,
        }
        with running_gateway(tmp_path / "gateway", settings) as gateway, refreshing(gateway, settings):
            gateway.wait_until_healthy()
            gateway.wait_until_sockets_are_accepted()
            session_id = add_whiteboard_session(database)
            yield Stack(gateway=gateway, tracking=tracking, attendance=attendance, socket=socket, session_id=session_id)


async def test_a_key_is_changed_while_everything_runs(stack: Stack, key_file: Path) -> None:
    everywhere, nowhere = set(DOORS), set[str]()

    async def are_open(*, old: set[str], new: set[str]) -> None:
        await eventually(lambda: (stack.open_to(OLD), stack.open_to(NEW)) == (old, new))

    await are_open(old=everywhere, new=nowhere)

    write_key_set(key_file, OLD.jwk(), NEW.jwk())
    await are_open(old=everywhere, new=everywhere)

    async with connected_page(stack.gateway.port, stack.session_id, OLD.token(STUDENT, "student")) as page:
        # The old key ends by its date ...
        write_key_set(key_file, OLD.jwk(exp=LONG_PAST), NEW.jwk())
        await are_open(old=nowhere, new=everywhere)
        # ... or because it is taken away, which could still be revoked.
        write_key_set(key_file, OLD.jwk(), NEW.jwk())
        await are_open(old=everywhere, new=everywhere)
        write_key_set(key_file, NEW.jwk())
        await are_open(old=nowhere, new=everywhere)
        # What was open stays open until its token ends.
        await page.send_activity("draw")
        await page.wait_for_ack(1)

    # The attendance service signs its own tokens for the tracking service with the key that is left.
    assert stack.asks(NEW, "admin", "/api/reports/whiteboard-engagement") == httpx.codes.OK
