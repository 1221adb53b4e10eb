"""Where everything runs, as the services' own variables say."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from servicekit.addresses import Addresses, GrpcTarget
from servicekit.database.url import DatabaseUrl
from servicekit.settings import ProbeSettings, TransportSettings


class OperatorSettings(ProbeSettings, TransportSettings):
    """What is not set has the default of the services, on this machine."""

    #: A login of the services, or of the tables' owner; empty: nothing is asked of the database.
    database_url: DatabaseUrl = SecretStr("")
    #: host:port of the processes; of several replicas a name with several addresses, or a list.
    tracking_address: GrpcTarget = "127.0.0.1:50051"
    attendance_address: GrpcTarget = "127.0.0.1:50052"
    socket_address: Addresses = "127.0.0.1:8001"
    #: The roles that the services and the commands about people act as.
    tracking_database_role: str = "tracking_service"
    attendance_database_role: str = "attendance_service"
    tracking_erasure_role: str = "tracking_erasure"
    attendance_erasure_role: str = "attendance_erasure"
    #: Where `make up` keeps what it made.
    state_directory: Path | None = None

    @property
    def is_demo(self) -> bool:
        """Whether the database is the one that `make up` runs."""
        file = None if self.state_directory is None else self.state_directory / "database-url"
        return file is not None and file.exists() and file.read_text() == self.database_url.get_secret_value()
