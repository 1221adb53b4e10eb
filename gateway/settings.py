"""Where the gateway listens, where it forwards calls, and its limits."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, IPvAnyAddress, model_validator
from pydantic_settings import NoDecode

from servicekit.addresses import Addresses
from servicekit.settings import IdentitySettings, Port, TimeZoneName, TransportSettings
from servicekit.tls.certificates import PemFile
from servicekit.tracing.settings import TracingSettings

#: Pages on a developer's machine: the demo page under both names, and the platform's own pages on their usual port.
DEVELOPMENT_ORIGINS = (
    "http://localhost:8000",
    "http://127.0.0.1:8000",
    "http://localhost:8080",
    "http://127.0.0.1:8080",
)
#: Stands for the id of a whiteboard in the address of whiteboards.
WHITEBOARD_ID = "{whiteboard_id}"


def _origin(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or f"{parts.scheme}://{parts.netloc}" != text:
        raise ValueError(f"{text!r} is not an origin; write scheme://host[:port], for example https://app.example.org")
    return text


def _url(text: str) -> str:
    parts = urlsplit(text)
    is_path = text.startswith("/") and not parts.netloc
    if text and not is_path and not (parts.scheme in {"http", "https"} and parts.hostname):
        raise ValueError(f"{text!r} is no URL; write for example https://app.example.org/login")
    return text


def _whiteboard_url(text: str) -> str:
    if WHITEBOARD_ID not in _url(text):
        raise ValueError(f"{text!r} names no whiteboard; write {WHITEBOARD_ID} in place of its id")
    return text


def _comma_separated(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


WhiteboardUrl = Annotated[str, AfterValidator(_whiteboard_url)]
SignInUrl = Annotated[str, AfterValidator(_url)]
Origin = Annotated[str, AfterValidator(_origin)]
Origins = Annotated[tuple[Origin, ...], NoDecode, BeforeValidator(_comma_separated)]


class GatewaySettings(IdentitySettings, TransportSettings, TracingSettings):
    """Read from the environment; `.env.example` explains each."""

    #: Certificate chain and private key of the gateway, as PEM files; empty: plaintext.
    gateway_tls_certificate_file: Path | None = None
    gateway_tls_key_file: Path | None = None
    #: Interface to listen on: loopback on a developer's machine, 0.0.0.0 in a container.
    gateway_listen_address: IPvAnyAddress = Field(default="127.0.0.1", validate_default=True)
    gateway_port: Port = 8000
    #: Where Prometheus reads Envoy's metrics; without a port, nowhere.
    gateway_metrics_listen_address: IPvAnyAddress = Field(default="127.0.0.1", validate_default=True)
    gateway_metrics_port: Port | None = None
    #: host:port of the services, or of each replica, separated by commas. A host name is resolved again regularly
    #: and may name several replicas.
    tracking_address: Addresses = "127.0.0.1:50051"
    attendance_address: Addresses = "127.0.0.1:50052"
    #: The same of the presence socket.
    socket_address: Addresses = "127.0.0.1:8001"
    #: Pages of other origins that may call the API, separated by commas.
    cors_allowed_origins: Origins = DEVELOPMENT_ORIGINS
    #: A unary call that takes longer gets 504; streams have no limit.
    gateway_timeout_seconds: float = Field(default=10.0, ge=0.1, le=300)
    #: Above this rate the gateway returns 429. One replica of each service handles about as much on two cores; raise it
    #: with the number of replicas.
    gateway_requests_per_second: int = Field(default=4000, gt=0, le=1_000_000)
    #: The same for each client address, before its token is verified. Many people may share one address, such as a
    #: school or the customers of a mobile network.
    gateway_requests_per_second_per_address: int = Field(default=1000, gt=0, le=1_000_000)
    #: The same for each identity, except services. A page sends some 20 requests when it opens, and then few.
    gateway_requests_per_second_per_identity: int = Field(default=100, gt=0, le=1_000_000)
    #: How many proxies in front of the gateway add an address to x-forwarded-for.
    gateway_trusted_proxies: int = Field(default=0, ge=0, le=10)
    #: Where the platform's people sign in: a URL, or a path on this origin. The pages lead there whoever is not.
    sign_in_url: SignInUrl = ""
    #: Address of a lesson's whiteboard.
    whiteboard_url: WhiteboardUrl = "/whiteboard?session={whiteboard_id}"
    #: Time zone of the pages' dates, the same as the attendance service's.
    session_timezone: TimeZoneName = "Africa/Addis_Ababa"

    @model_validator(mode="after")
    def _whole_key_pair(self) -> Self:
        if (self.gateway_tls_certificate_file is None) != (self.gateway_tls_key_file is None):
            raise ValueError("set both GATEWAY_TLS_CERTIFICATE_FILE and GATEWAY_TLS_KEY_FILE, or neither")
        return self

    @model_validator(mode="after")
    def _no_plaintext_unasked(self) -> Self:
        if self.gateway_key_pair is None and not self.allow_plaintext and not self.gateway_listen_address.is_loopback:
            raise ValueError(
                f"GATEWAY_LISTEN_ADDRESS={self.gateway_listen_address} is open to a network, and without TLS others "
                "could read tokens: set GATEWAY_TLS_CERTIFICATE_FILE and GATEWAY_TLS_KEY_FILE, "
                "or ALLOW_PLAINTEXT=true if a proxy in front of the gateway ends TLS"
            )
        return self

    @property
    def gateway_key_pair(self) -> tuple[PemFile, PemFile] | None:
        """The files of the gateway's certificate and its key; None: plaintext."""
        if self.gateway_tls_certificate_file is None or self.gateway_tls_key_file is None:
            return None
        return (
            PemFile("GATEWAY_TLS_CERTIFICATE_FILE", self.gateway_tls_certificate_file),
            PemFile("GATEWAY_TLS_KEY_FILE", self.gateway_tls_key_file),
        )
