"""The gateway with a certificate of its own (docs/tls.md)."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import grpc
import httpx
import pytest

from astegni.attendance.v1 import attendance_pb2, attendance_pb2_grpc
from astegni.tracking.v1 import tracking_pb2, tracking_pb2_grpc
from development.certificates import Authority
from testkit.certificates import CertificateFiles, shown_name, write_certificate
from testkit.envoy import Gateway, refreshing, running_gateway
from testkit.eventually import eventually
from tests.e2e.gateway.conftest import SECRET, bearer, gateway_settings
from tests.e2e.gateway.test_configure import configure
from tests.e2e.gateway.upstream import Upstream

AUTHORITY = Authority.make("authority of tests")
SESSIONS = "/api/tutor/sessions"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> CertificateFiles:
    return write_certificate(tmp_path_factory.mktemp("tls"), AUTHORITY, "first")


@pytest.fixture(scope="module")
def secure_gateway(
    shared_upstream: Upstream, files: CertificateFiles, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    settings = gateway_settings(shared_upstream, **files.gateway_settings())
    directory = tmp_path_factory.mktemp("gateway")
    with running_gateway(directory, settings, authority=files.authorities) as gateway, refreshing(gateway, settings):
        gateway.wait_until_healthy()
        yield gateway


@pytest.fixture
def client(secure_gateway: Gateway, upstream: Upstream) -> Iterator[httpx.Client]:
    assert not upstream.answers
    with secure_gateway.client() as client:
        yield client


@contextmanager
def handshake(gateway: Gateway, context: ssl.SSLContext) -> Iterator[ssl.SSLSocket]:
    """Connect to the gateway for the length of the block."""
    with (
        socket.create_connection(("127.0.0.1", gateway.port)) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as encrypted,
    ):
        yield encrypted


def test_calls_arrive_and_browsers_are_told_to_keep_to_tls(client: httpx.Client) -> None:
    answer = client.get(SESSIONS, headers=bearer())
    assert answer.json()["details"][0]["reason"] == "NOT_FOUND"
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


@pytest.mark.parametrize("path", ["/", "/healthz", "/nowhere", SESSIONS])
def test_every_answer_tells_browsers_to_keep_to_tls(client: httpx.Client, path: str) -> None:
    assert "strict-transport-security" in client.get(path).headers


def test_without_tls_nothing_promises_it(stranger: httpx.Client) -> None:
    assert "strict-transport-security" not in stranger.get("/").headers


def test_plaintext_is_refused(secure_gateway: Gateway) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"http://{secure_gateway.address}/healthz")


def test_whoever_does_not_trust_the_authority_gets_no_connection(secure_gateway: Gateway) -> None:
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(f"{secure_gateway.url}/healthz")


@pytest.mark.parametrize(("offered", "chosen"), [(["h2", "http/1.1"], "h2"), (["http/1.1"], "http/1.1")])
def test_clients_choose_the_version_of_http(secure_gateway: Gateway, offered: list[str], chosen: str) -> None:
    context = ssl.create_default_context(cadata=AUTHORITY.pem.certificate)
    context.set_alpn_protocols(offered)
    with handshake(secure_gateway, context) as encrypted:
        assert (encrypted.selected_alpn_protocol(), encrypted.version()) == (chosen, "TLSv1.3")


def test_versions_before_1_2_are_refused(secure_gateway: Gateway) -> None:
    context = ssl.create_default_context(cadata=AUTHORITY.pem.certificate)
    # Without it the client would refuse its own offer.
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError, match="ALERT_PROTOCOL_VERSION"), handshake(secure_gateway, context):
        pass


def test_a_native_grpc_call_arrives(secure_gateway: Gateway, upstream: Upstream) -> None:
    upstream.answers["ListSessions"] = lambda _request, _context: attendance_pb2.ListSessionsResponse()
    credentials = grpc.ssl_channel_credentials(AUTHORITY.pem.certificate.encode())
    with grpc.secure_channel(secure_gateway.address, credentials) as channel:
        stub = attendance_pb2_grpc.AttendanceServiceStub(channel)
        assert not stub.ListSessions(attendance_pb2.ListSessionsRequest(), metadata=tuple(bearer().items())).sessions


async def test_a_new_certificate_is_shown_to_new_connections_while_a_stream_stays_open(
    secure_gateway: Gateway, files: CertificateFiles, upstream: Upstream
) -> None:
    upstream.answers["StreamHeartbeats"] = lambda requests, _context: (
        tracking_pb2.StreamHeartbeatsResponse(opened=tracking_pb2.StreamOpened()) for _ in requests
    )
    credentials = grpc.ssl_channel_credentials(AUTHORITY.pem.certificate.encode())
    async with grpc.aio.secure_channel(secure_gateway.address, credentials) as channel:
        stub = tracking_pb2_grpc.TrackingServiceStub(channel)
        stream = stub.StreamHeartbeats(metadata=tuple(bearer().items()))
        await stream.write(tracking_pb2.StreamHeartbeatsRequest())
        await stream.read()
        assert shown_name(secure_gateway.port) == "first"

        files.renew(AUTHORITY, "second")
        await eventually(lambda: shown_name(secure_gateway.port) == "second")

        await stream.write(tracking_pb2.StreamHeartbeatsRequest())
        assert isinstance(await stream.read(), tracking_pb2.StreamHeartbeatsResponse)
        stream.cancel()


async def test_a_certificate_that_is_not_valid_is_not_shown(secure_gateway: Gateway, files: CertificateFiles) -> None:
    log = secure_gateway.directory / "refresh.log"
    shown = shown_name(secure_gateway.port)
    files.renew(AUTHORITY, "too late", lifetime=timedelta(hours=-1))
    await eventually(lambda: "and so not now" in log.read_text())
    assert shown_name(secure_gateway.port) == shown


def test_a_certificate_without_a_key_is_refused_at_the_start(files: CertificateFiles, tmp_path: Path) -> None:
    settings = {"JWT_HS256_SECRET": SECRET, "GATEWAY_TLS_CERTIFICATE_FILE": str(files.certificate)}
    refused = configure(str(tmp_path), **settings)
    assert refused.returncode == 2
    assert "GATEWAY_TLS_KEY_FILE" in refused.stderr


def test_only_the_owner_may_read_the_private_key(secure_gateway: Gateway) -> None:
    assert (secure_gateway.directory / "server_certificate.json").stat().st_mode & 0o077 == 0
