"""Everything with certificates of one authority: whoever has none gets in nowhere (docs/tls.md)."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import grpc
import httpx
import pytest
from grpc import aio
from grpc_health.v1 import health_pb2, health_pb2_grpc

from development.certificates import Authority
from development.postgres import EmbeddedPostgres
from gateway.presence_socket.healthcheck import is_healthy as socket_is_healthy
from heartbeat_relay import HeartbeatRelay
from servicekit.settings import TransportSettings
from servicekit.tls.certificates import MutualTlsFiles
from servicekit.tls.mutual import channel_credentials, mutual_client_context, read_identity
from testkit.certificates import CertificateFiles, shown_name, write_certificate
from testkit.envoy import Gateway, refreshing, running_gateway
from testkit.eventually import eventually
from testkit.heartbeat_client import HeartbeatStream, event
from testkit.postgres import fresh_database
from testkit.presence_socket_process import PresenceSocketProcess, presence_socket_process
from testkit.relays import relay_token, strokes
from testkit.replaced_file import replace
from testkit.service_process import ServiceProcess, attendance_process, tracking_process
from testkit.source_tree import ROOT
from testkit.tokens import SECRET, metadata, token
from testkit.whiteboard_pages import connected_page
from testkit.whiteboard_sessions import STUDENT, TUTOR, add_whiteboard_session

ADMIN = 1
AUTHORITY = Authority.make("authority of tests")
#: The processes that show each other certificates, and what the gateway shows to pages.
MUTUAL = ("tracking", "attendance", "socket", "gateway")
FRONT = "front"
STRANGER = Authority.make("another authority")


@dataclass(frozen=True, kw_only=True)
class Stack:
    """Everything, with a certificate for each process."""

    database: str
    tracking: ServiceProcess
    attendance: ServiceProcess
    socket: PresenceSocketProcess
    gateway: Gateway
    certificates: dict[str, CertificateFiles]

    @property
    def behind(self) -> dict[str, ServiceProcess]:
        """The processes behind the gateway."""
        return {"tracking": self.tracking, "attendance": self.attendance, "socket": self.socket}

    def report(self) -> int:
        """Return the status of a call for which the attendance service asks the tracking service."""
        with self.gateway.client() as client:
            headers = dict(metadata(token(ADMIN, "admin")))
            return client.get("/api/reports/whiteboard-engagement", headers=headers).status_code


@pytest.fixture(scope="module")
def stack(
    postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    directory = tmp_path_factory.mktemp("mutual")
    certificates = {name: write_certificate(directory, AUTHORITY, name) for name in (*MUTUAL, FRONT)}
    own = {name: files.settings() for name, files in certificates.items()}
    with (
        fresh_database(postgres_server, template=migrated_template) as database,
        tracking_process(database, directory / "tracking.log", **own["tracking"]) as tracking,
        attendance_process(database, tracking.address, directory / "attendance.log", **own["attendance"]) as attendance,
        presence_socket_process(tracking.address, directory / "socket.log", **own["socket"]) as socket,
    ):
        settings = {
            "JWT_HS256_SECRET": SECRET,
            "TRACKING_ADDRESS": tracking.address,
            "ATTENDANCE_ADDRESS": attendance.address,
            "SOCKET_ADDRESS": socket.address,
            **own["gateway"],
            **certificates[FRONT].gateway_settings(),
        }
        authority = certificates["gateway"].authorities
        with (
            running_gateway(directory / "gateway", settings, authority=authority) as gateway,
            refreshing(gateway, settings),
        ):
            gateway.wait_until_healthy()
            gateway.wait_until_sockets_are_accepted()
            yield Stack(
                database=database,
                tracking=tracking,
                attendance=attendance,
                socket=socket,
                gateway=gateway,
                certificates=certificates,
            )


def files_of(certificate: CertificateFiles) -> MutualTlsFiles:
    files = TransportSettings(
        tls_certificate_file=certificate.certificate,
        tls_key_file=certificate.key,
        tls_ca_file=certificate.authorities,
    ).mutual_tls
    assert files is not None
    return files


def credentials_of(certificate: CertificateFiles) -> grpc.ChannelCredentials:
    return channel_credentials(read_identity(files_of(certificate)))


def test_the_attendance_service_asks_the_tracking_service(stack: Stack) -> None:
    assert stack.report() == httpx.codes.OK


async def test_a_page_is_present_over_tls_all_the_way(stack: Stack) -> None:
    session_id = add_whiteboard_session(stack.database)
    student = token(STUDENT, "student")
    async with connected_page(stack.gateway.port, session_id, student, tls=stack.gateway.tls) as page:
        await page.send_activity("draw")
        await page.wait_for_ack(1)


async def test_a_relay_delivers_with_a_certificate(stack: Stack) -> None:
    session_id = add_whiteboard_session(stack.database)
    certificate = stack.certificates["gateway"]
    before = strokes(stack.database)
    async with HeartbeatRelay(
        stack.tracking.address, relay_token, credentials=lambda: credentials_of(certificate)
    ) as relay:
        relay.heartbeat(session_id=session_id, user_id=STUDENT, user_type="student", activity_type="draw")
    assert strokes(stack.database) == before + 1


def test_the_example_of_a_relay_delivers_through_the_gateway(stack: Stack) -> None:
    session_id = add_whiteboard_session(stack.database)
    options = {
        "--target": stack.gateway.address,
        "--ca-file": str(stack.certificates[FRONT].authorities),
        "--token": relay_token(),
        "--session": str(session_id),
        "--tutor": str(TUTOR),
        "--student": str(STUDENT),
        "--seconds": "0",
    }
    command = [sys.executable, "-m", "examples.relay_example", *(word for option in options.items() for word in option)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "acknowledged=4, rejected=0" in ended.stdout, ended.stderr


@pytest.mark.parametrize("name", ["tracking", "attendance"])
@pytest.mark.parametrize("who", ["nobody", "stranger", "expired"])
def test_a_service_accepts_no_client_without_a_valid_certificate(stack: Stack, name: str, who: str) -> None:
    trusted = AUTHORITY.pem.certificate.encode()
    shown = {
        "nobody": None,
        "stranger": STRANGER.issue("client", ["localhost"]),
        "expired": AUTHORITY.issue("client", ["localhost"], lifetime=timedelta(hours=-1)),
    }[who]
    pair = (None, None) if shown is None else (shown.key.encode(), shown.certificate.encode())
    with grpc.secure_channel(stack.behind[name].address, grpc.ssl_channel_credentials(trusted, *pair)) as channel:
        assert not is_healthy(channel)


@pytest.mark.parametrize("name", ["tracking", "attendance"])
def test_a_service_speaks_no_plaintext_and_logs_it_as_anything_else(stack: Stack, name: str) -> None:
    with grpc.insecure_channel(stack.behind[name].address) as channel:
        assert not is_healthy(channel)
    assert all(json.loads(line) for line in stack.behind[name].log().splitlines())


@pytest.mark.parametrize("name", ["tracking", "attendance"])
def test_a_client_with_a_certificate_gets_in(stack: Stack, name: str) -> None:
    with grpc.secure_channel(stack.behind[name].address, credentials_of(stack.certificates["gateway"])) as channel:
        assert is_healthy(channel)


def is_healthy(channel: grpc.Channel) -> bool:
    check = health_pb2_grpc.HealthStub(channel).Check  # type: ignore[attr-defined] # its type stub is empty
    try:
        check(health_pb2.HealthCheckRequest())
    except grpc.RpcError as error:
        if error.code() is not grpc.StatusCode.UNAVAILABLE:
            raise
        return False
    return True


@pytest.mark.parametrize("who", ["nobody", "stranger", "expired"])
def test_the_presence_socket_accepts_no_client_without_a_valid_certificate(
    stack: Stack, who: str, tmp_path: Path
) -> None:
    context = ssl.create_default_context(cadata=AUTHORITY.pem.certificate)
    if who != "nobody":
        authority, lifetime = (STRANGER, timedelta(1)) if who == "stranger" else (AUTHORITY, timedelta(-1))
        files = write_certificate(tmp_path, authority, "client", lifetime=lifetime)
        context.load_cert_chain(files.certificate, files.key)
    with pytest.raises(httpx.TransportError):
        httpx.get(f"https://{stack.socket.address}/healthz", verify=context)


def test_the_presence_socket_speaks_no_plaintext(stack: Stack) -> None:
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://{stack.socket.address}/healthz")


def test_the_presence_socket_lets_a_client_with_a_certificate_in(stack: Stack) -> None:
    context = mutual_client_context(files_of(stack.certificates["gateway"]))
    assert socket_is_healthy(stack.socket.address, context)


async def test_certificates_are_changed_while_a_stream_and_a_socket_stay_open(stack: Stack) -> None:
    session_id = add_whiteboard_session(stack.database)
    client = stack.certificates["gateway"]
    ports = {FRONT: stack.gateway.port, **{name: process.port for name, process in stack.behind.items()}}
    student = token(STUDENT, "student")
    async with (
        aio.secure_channel(stack.tracking.address, credentials_of(client)) as channel,
        connected_page(stack.gateway.port, session_id, student, tls=stack.gateway.tls) as page,
    ):
        stream = HeartbeatStream(channel, relay_token())
        await stream.open()

        for name, files in stack.certificates.items():
            files.renew(AUTHORITY, f"new {name}")
        for name, port in ports.items():
            await eventually(partial(shows, port, client, f"new {name}"))

        await stream.send_events(event(1, "heartbeat", session_id, STUDENT))
        await stream.acknowledged(1)
        await page.send_activity("draw")
        await page.wait_for_ack(1)
        stream.cancel()
    assert stack.report() == httpx.codes.OK


async def test_an_authority_is_changed_in_three_steps_without_a_restart(stack: Stack, tmp_path: Path) -> None:
    following = Authority.make("following authority")
    both = AUTHORITY.pem.certificate + following.pem.certificate
    authorities = stack.certificates["gateway"].authorities  # one file for all
    old = write_certificate(tmp_path, AUTHORITY, "old")
    new = write_certificate(tmp_path, following, "new")
    replace(new.authorities, both)

    def accepting(client: CertificateFiles) -> set[str]:
        return {name for name, process in stack.behind.items() if lets_in(process, client)}

    replace(authorities, both)
    await eventually(lambda: accepting(old) == accepting(new) == set(stack.behind))
    assert stack.report() == httpx.codes.OK

    for name in MUTUAL:
        stack.certificates[name].renew(following, f"following {name}")
    for name, process in stack.behind.items():
        await eventually(partial(shows, process.port, new, f"following {name}"))
    assert stack.report() == httpx.codes.OK

    replace(authorities, following.pem.certificate)
    await eventually(lambda: (accepting(old), accepting(new)) == (set(), set(stack.behind)))
    assert stack.report() == httpx.codes.OK


def shows(port: int, client: CertificateFiles, name: str) -> bool:
    return shown_name(port, client) == name


def lets_in(process: ServiceProcess, client: CertificateFiles) -> bool:
    if isinstance(process, PresenceSocketProcess):
        return socket_is_healthy(process.address, mutual_client_context(files_of(client)))
    with grpc.secure_channel(process.address, credentials_of(client)) as channel:
        return is_healthy(channel)


@pytest.mark.parametrize("module", ["tracking_service", "attendance_service", "gateway.presence_socket"])
def test_a_process_with_an_expired_certificate_does_not_start_and_says_why(module: str, tmp_path: Path) -> None:
    expired = write_certificate(tmp_path, AUTHORITY, "expired", lifetime=timedelta(hours=-1))
    settings = {"DATABASE_URL": "postgresql://localhost/nothing", "JWT_HS256_SECRET": SECRET, **expired.settings()}
    ended = subprocess.run(
        [sys.executable, "-m", module], cwd=ROOT, env=os.environ | settings, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert f"TLS_CERTIFICATE_FILE {expired.certificate} is valid from" in ended.stderr
    assert "Traceback" not in ended.stderr
