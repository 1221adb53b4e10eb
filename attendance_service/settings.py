"""What the operator may set, each with its unit, its default and the reason for it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, SecretStr

from servicekit.settings import LogLevel, Port, ServiceIdentitySettings, TimeZoneName


class AttendanceSettings(ServiceIdentitySettings):
    """Environment variables of the same names in upper case."""

    #: PostgreSQL URL. No default: nothing works without it, and a guess may meet the wrong database.
    database_url: SecretStr
    #: Database role that is switched to after login; empty: stay the login role. `migrate` makes this one.
    attendance_database_role: str = "attendance_service"
    #: Connections per process. A decision holds one for some milliseconds; eight serve hundreds a second.
    attendance_database_connections: Annotated[int, Field(ge=1, le=100)] = 8
    #: Address to listen on. Loopback: whoever opens it to a network decides so.
    listen_host: str = "127.0.0.1"
    #: Port to listen on; 0 takes any free one.
    attendance_port: Port = 50052
    #: Where the tracking service answers: a gRPC target such as `host:port` or `dns:///name:port` (all its addresses).
    tracking_address: str = "127.0.0.1:50051"
    #: Seconds, retries included, within which the tracking service must answer a question for a suggestion.
    #: Shorter than what the gateway waits for us, so that the caller is told who was away.
    tracking_deadline_seconds: Annotated[float, Field(gt=0, le=30)] = 3.0
    #: Time zone of session_date, start_time and end_time. The platform's own.
    session_timezone: TimeZoneName = "Africa/Addis_Ababa"
    #: Seconds of silence that end presence; the same as the tracking service's. Facts settle in twice this time.
    presence_timeout_seconds: Annotated[float, Field(ge=0.3, le=3600)] = 75
    #: Least severe log lines that are written.
    log_level: LogLevel = "info"
