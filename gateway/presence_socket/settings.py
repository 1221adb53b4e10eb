"""Settings of the presence socket."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.settings import Origins
from servicekit.addresses import Addresses
from servicekit.metrics.server import MetricsSettings
from servicekit.settings import ListenSettings, LogLevel, Port, ProbeSettings, ServiceIdentitySettings
from servicekit.tracing.settings import TracingSettings


class PresenceSocketSettings(ServiceIdentitySettings, ProbeSettings, ListenSettings, MetricsSettings, TracingSettings):
    """Read from the environment; `.env.example` explains each."""

    #: Port to listen on; 0 takes any free one.
    socket_port: Port = 8001
    #: host:port of the tracking service, or of each replica, separated by commas.
    tracking_address: Addresses = "127.0.0.1:50051"
    #: Origins of the pages that may open sockets; empty: all. That is safe, because browsers don't add tokens by
    #: themselves, as they do with cookies.
    socket_allowed_origins: Origins = ()
    #: What one user may have open, in each process.
    max_sockets_per_user: Annotated[int, Field(ge=1)] = 50
    max_socket_opens_per_minute_per_user: Annotated[int, Field(ge=1)] = 120
    log_level: LogLevel = "info"
