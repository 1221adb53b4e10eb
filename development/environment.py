"""The settings of development commands, and what they keep in the state directory: the signing secret, the database."""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
from pathlib import Path
from typing import Annotated

from dotenv import load_dotenv
from pydantic import AfterValidator, Field, SecretStr

from servicekit.addresses import SEPARATOR
from servicekit.auth.issuer import TokenOrigin
from servicekit.settings import MIN_SECRET_BYTES, EnvironmentSettings, SigningSecret

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = "127.0.0.1"
#: Of each kind of process; a developer's machine has no more to offer.
MAX_REPLICAS = 5
#: Between the ports of two replicas.
PORT_STEP = 10
SECRET_FILE_NAME = "jwt-secret"  # noqa: S105 - the name of a file


class DevelopmentSettings(EnvironmentSettings):
    """Settings of `make up`, `make token` and `make psql`; each variable is explained in .env.example."""

    #: Secret of the HS256 tokens. Default: one that is generated on first use and kept in the state directory.
    jwt_hs256_secret: SigningSecret = SecretStr("")
    #: What the claims `iss` and `aud` of tokens name; empty: tokens have none.
    jwt_issuer: str = ""
    jwt_audience: str = ""
    #: URL of a PostgreSQL to use. Default: an embedded server in the state directory.
    database_url: str = ""
    #: Directory of the embedded database, the keys and the logs.
    state_directory: Annotated[Path, AfterValidator(Path.absolute)] = ROOT / ".state"
    #: Whether `make up` makes certificates, and everything uses TLS.
    tls: bool = False
    #: Key set of the services and the gateway, which may change while everything runs.
    jwt_jwks_file: Path | None = None
    #: How many tracking services, attendance services and presence sockets `make up` starts.
    replicas: int = Field(default=1, ge=1, le=MAX_REPLICAS)
    #: Port of the gateway. Not 0: the other commands would not know which port was chosen.
    gateway_port: int = Field(default=8000, ge=1, le=65535)
    #: Port of the tracking service. Further replicas, also of the two below, listen 10, 20, ... above.
    tracking_port: int = Field(default=50051, ge=1, le=65535)
    #: Port of the attendance service.
    attendance_port: int = Field(default=50052, ge=1, le=65535)
    #: Port of the presence socket.
    socket_port: int = Field(default=8001, ge=1, le=65535)
    #: Whether every process shows its metrics, and a Prometheus asks for them.
    monitoring: bool = False
    #: Ports of Prometheus, Alertmanager and the metrics, for MONITORING. Those of further replicas: 10, 20, ... above.
    prometheus_port: int = Field(default=9090, ge=1, le=65535)
    alertmanager_port: int = Field(default=9093, ge=1, le=65535)
    tracking_metrics_port: int = Field(default=9464, ge=1, le=65535)
    attendance_metrics_port: int = Field(default=9465, ge=1, le=65535)
    socket_metrics_port: int = Field(default=9466, ge=1, le=65535)
    gateway_metrics_port: int = Field(default=9467, ge=1, le=65535)

    @property
    def token_origin(self) -> TokenOrigin:
        """What tokens of this machine name as their issuer and audience."""
        return TokenOrigin(self.jwt_issuer, self.jwt_audience)

    @property
    def database_url_file(self) -> Path:
        """File with the URL of the embedded database, while it runs."""
        return self.state_directory / "database-url"


def replica_ports(first: int, replicas: int) -> tuple[int, ...]:
    """Return the port of each replica."""
    return tuple(range(first, first + replicas * PORT_STEP, PORT_STEP))


def replica_addresses(first: int, replicas: int) -> str:
    """Return where all replicas listen, as the settings of other processes name them."""
    return SEPARATOR.join(f"{LOOPBACK}:{port}" for port in replica_ports(first, replicas))


def read_dotenv() -> None:
    """Set variables from `.env` in the checkout, unless the environment sets them."""
    load_dotenv(ROOT / ".env", override=False)


def make_state_directory(directory: Path) -> None:
    """Create the state directory; other users may enter it, because the embedded PostgreSQL may run as one."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "logs").mkdir(exist_ok=True)


def signing_secret(settings: DevelopmentSettings) -> str:
    """Return the configured secret, else the one in the state directory, which is generated on first use."""
    configured = settings.jwt_hs256_secret.get_secret_value()
    return configured or _kept_secret(settings.state_directory)


def running_database(settings: DevelopmentSettings) -> str:
    """Return DATABASE_URL, else the URL of the database that `make up` runs; end the process if there is neither."""
    if settings.database_url:
        return settings.database_url
    try:
        return settings.database_url_file.read_text()
    except FileNotFoundError:
        sys.exit("There is no database: set DATABASE_URL, or start the embedded one with `make up` in another shell.")


def write_privately(file: Path, text: str) -> None:
    """Replace a file atomically with one that only this user can read."""
    _private_draft(file, text).replace(file)


def _private_draft(file: Path, text: str) -> Path:
    """Write the text beside `file`, readable by this user only, and return where."""
    descriptor, draft = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    with os.fdopen(descriptor, "w") as opened:
        opened.write(text)
    return Path(draft)


def _kept_secret(state_directory: Path) -> str:
    file = state_directory / SECRET_FILE_NAME
    if not file.exists():
        make_state_directory(state_directory)
        draft = _private_draft(file, secrets.token_hex(MIN_SECRET_BYTES))
        try:
            # If two commands start together, one link succeeds, and both read that secret.
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return file.read_text().strip()
