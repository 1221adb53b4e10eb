"""Where development keeps its state, and the settings that its commands read."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Annotated

from dotenv import load_dotenv
from pydantic import AfterValidator, Field, SecretStr

from servicekit.settings import EnvironmentSettings, SigningSecret

ROOT = Path(__file__).resolve().parent.parent


class DevelopmentSettings(EnvironmentSettings):
    """What `make up`, `make token` and `make psql` read; each variable is explained in .env.example."""

    #: Secret of the HS256 tokens. Default: one made on first use and kept in the state directory.
    jwt_hs256_secret: SigningSecret = SecretStr("")
    #: URL of a PostgreSQL to use. Default: an embedded server in the state directory.
    database_url: str = ""
    #: Directory of the embedded database, the keys and the logs.
    state_directory: Annotated[Path, AfterValidator(Path.absolute)] = ROOT / ".state"
    #: Where the gateway listens. Port 0 would be chosen anew at each start, and nobody would know it.
    gateway_port: int = Field(default=8000, ge=1, le=65535)
    #: Where the tracking service listens.
    tracking_port: int = Field(default=50051, ge=1, le=65535)
    #: Where the attendance service listens.
    attendance_port: int = Field(default=50052, ge=1, le=65535)

    #: Where the presence socket listens.
    socket_port: int = Field(default=8001, ge=1, le=65535)

    @property
    def database_url_file(self) -> Path:
        """File that names the embedded database while it runs."""
        return self.state_directory / "database-url"


def read_dotenv() -> None:
    """Take variables from `.env` in the checkout, where the environment does not set them."""
    load_dotenv(ROOT / ".env", override=False)


def make_state_directory(directory: Path) -> None:
    """Create the state directory. The embedded PostgreSQL may run as another user, so it is open to be entered."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "logs").mkdir(exist_ok=True)


def write_privately(file: Path, text: str) -> None:
    """Replace a file at once with one that only this user can read."""
    private_draft(file, text).replace(file)


def private_draft(file: Path, text: str) -> Path:
    """Write the text beside `file`, readable by this user only, and return where."""
    descriptor, draft = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    with os.fdopen(descriptor, "w") as opened:
        opened.write(text)
    return Path(draft)
