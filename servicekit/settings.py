"""Settings from the environment; all faults are reported at once, before anything starts."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from servicekit.tls.certificates import MutualTlsFiles, PemFile

#: 256 bits, as HS256 requires (RFC 7518, 3.2); a shorter secret can be guessed offline from one token.
MIN_SECRET_BYTES = 32
MAX_PORT = 65_535
#: What else a stop takes fits into its limit, servicekit.rpc.server.MAX_STOP_SECONDS.
MAX_SHUTDOWN_DELAY_SECONDS = 2.5
#: Exit status of a command that was used wrongly.
USAGE_ERROR = 2

#: What is younger than this is never deleted: it may still be settled, claimed, or reported late.
MIN_RETENTION_DAYS = 30

_SettingsT = TypeVar("_SettingsT", bound=BaseSettings)


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"{name!r} is not a time zone; use a name such as Africa/Addis_Ababa or UTC") from error
    return name


def _strong(secret: SecretStr) -> SecretStr:
    if 0 < len(secret.get_secret_value().encode()) < MIN_SECRET_BYTES:
        raise ValueError(f"must have at least {MIN_SECRET_BYTES} bytes; generate one with: openssl rand -hex 32")
    return secret


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches a host, by its name or address."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _host_and_port(address: str) -> str:
    host, _, port = address.rpartition(":")
    if address and not (host and port.isdecimal() and 0 < int(port) <= MAX_PORT):
        raise ValueError(f"{address!r} is not host:port")
    return address


def _long_enough(days: int) -> int:
    if 0 < days < MIN_RETENTION_DAYS:
        raise ValueError(f"must be at least {MIN_RETENTION_DAYS} days, or 0 to keep everything")
    return days


TimeZoneName = Annotated[str, AfterValidator(_known_zone)]
SigningSecret = Annotated[SecretStr, AfterValidator(_strong)]
#: For how many days something is kept; 0: for ever.
RetentionDays = Annotated[int, Field(ge=0, le=36_500), AfterValidator(_long_enough)]
LogLevel = Literal["debug", "info", "warning", "error"]
Port = Annotated[int, Field(ge=0, le=MAX_PORT)]
#: host:port, or nothing.
ProbeAddress = Annotated[str, AfterValidator(_host_and_port)]


class EnvironmentSettings(BaseSettings):
    """Fields are read from environment variables of the same name in upper case; an empty one counts as unset."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True)


class IdentitySettings(EnvironmentSettings):
    """How callers' tokens are verified; at least one key is needed."""

    #: Secret of the HS256 tokens that the platform issues.
    jwt_hs256_secret: SigningSecret = SecretStr("")
    #: File with a JSON Web Key Set for RS256, ES256 and HS256 tokens. It is read again when it changes.
    jwt_jwks_file: Path | None = None
    #: What the claims `iss` and `aud` of tokens must name; empty: anything.
    jwt_issuer: str = ""
    jwt_audience: str = ""

    @model_validator(mode="after")
    def _some_key(self) -> IdentitySettings:
        if not self.jwt_hs256_secret.get_secret_value() and self.jwt_jwks_file is None:
            raise ValueError("set JWT_HS256_SECRET or JWT_JWKS_FILE: without a key no token can be verified")
        return self


class TransportSettings(EnvironmentSettings):
    """Mutual TLS between our processes, the gateway included (docs/tls.md); plaintext if nothing is set."""

    #: Certificate chain and private key of this process, as PEM files: it shows them as a server and as a client.
    tls_certificate_file: Path | None = None
    tls_key_file: Path | None = None
    #: The authorities whose certificates the other side must have, as a PEM file.
    tls_ca_file: Path | None = None
    #: From how many days before its end on a certificate in use is warned of.
    tls_expiry_warning_days: Annotated[int, Field(ge=1, le=3_650)] = 30
    #: Whether a process may listen to a network without TLS.
    allow_plaintext: bool = False

    @model_validator(mode="after")
    def _all_or_nothing(self) -> Self:
        files = (self.tls_certificate_file, self.tls_key_file, self.tls_ca_file)
        if any(files) and not all(files):
            raise ValueError("set all of TLS_CERTIFICATE_FILE, TLS_KEY_FILE and TLS_CA_FILE, or none")
        return self

    @property
    def mutual_tls(self) -> MutualTlsFiles | None:
        """The files, or None: plaintext."""
        if self.tls_certificate_file is None or self.tls_key_file is None or self.tls_ca_file is None:
            return None
        return MutualTlsFiles(
            certificate=PemFile("TLS_CERTIFICATE_FILE", self.tls_certificate_file),
            key=PemFile("TLS_KEY_FILE", self.tls_key_file),
            authorities=PemFile("TLS_CA_FILE", self.tls_ca_file),
        )


class ListenSettings(TransportSettings):
    """Where a process behind the gateway listens."""

    #: Address to listen on. The default is loopback, so that opening it to a network is a decision.
    listen_host: str = "127.0.0.1"

    @model_validator(mode="after")
    def _no_plaintext_unasked(self) -> Self:
        if self.mutual_tls is None and not self.allow_plaintext and not is_loopback(self.listen_host):
            raise ValueError(
                f"LISTEN_HOST={self.listen_host} is open to a network, and without TLS others could read and forge "
                "what is sent: set TLS_CERTIFICATE_FILE, TLS_KEY_FILE and TLS_CA_FILE, or ALLOW_PLAINTEXT=true if that "
                "network is the processes' own"
            )
        return self


class ShutdownSettings(EnvironmentSettings):
    """How a service behind a balancer stops (docs/streams.md#shutdown)."""

    #: Seconds for which it still takes calls after it has reported NOT_SERVING, so that balancers notice first.
    shutdown_delay_seconds: Annotated[float, Field(ge=0, le=MAX_SHUTDOWN_DELAY_SECONDS)] = 0


class ProbeSettings(EnvironmentSettings):
    """How a process asks the gateway whether it runs (docs/presence.md#the-gateway)."""

    #: host:port of the gateway that participants come through; empty: it is not probed.
    gateway_probe_address: ProbeAddress = ""
    #: The authorities of the gateway's certificate, which must name that host, as a PEM file; None: it has none.
    gateway_probe_ca_file: Path | None = None

    @property
    def probe_authorities(self) -> PemFile | None:
        """The file, with its variable."""
        return (
            None if self.gateway_probe_ca_file is None else PemFile("GATEWAY_PROBE_CA_FILE", self.gateway_probe_ca_file)
        )


class ServiceIdentitySettings(IdentitySettings):
    """The same for a process that also calls the tracking service."""

    #: File with a token of role `service` for the tracking service; needed only if there is no HS256 key to sign one
    #: with. It is read for each use, so it may change at any time.
    service_token_file: Path | None = None


def faults(error: ValidationError) -> Iterator[tuple[str, str]]:
    """Return each fault of settings: the variable, or `settings` if it is about several, and what is wrong."""
    for fault in error.errors():
        name = "_".join(str(part) for part in fault["loc"]).upper()
        yield name or "settings", fault["msg"].removeprefix("Value error, ")


def load(kind: type[_SettingsT]) -> _SettingsT:
    """Read the settings, or print every fault with its variable and end the process."""
    try:
        return kind()
    except ValidationError as error:
        print("The settings are not valid:", file=sys.stderr)  # noqa: T201 - logging is not set up before settings are
        for name, message in faults(error):
            print(f"  {name}: {message}", file=sys.stderr)  # noqa: T201
        print("Each variable is explained in .env.example.", file=sys.stderr)  # noqa: T201
        sys.exit(USAGE_ERROR)
