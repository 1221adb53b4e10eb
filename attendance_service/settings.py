"""What operators may set, with units, defaults and their reasons."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from attendance_service.wire.free_texts import MarkupRule
from servicekit.addresses import GrpcTarget
from servicekit.database.url import DatabaseUrl
from servicekit.metrics.server import MetricsSettings
from servicekit.settings import (
    ListenSettings,
    LogLevel,
    Port,
    RetentionDays,
    ServiceIdentitySettings,
    ShutdownSettings,
    TimeZoneName,
)
from servicekit.tracing.settings import TracingSettings


class AttendanceSettings(ServiceIdentitySettings, ListenSettings, ShutdownSettings, MetricsSettings, TracingSettings):
    """Environment variables of the same names in upper case."""

    #: PostgreSQL URL. It has no default, because a guess may be the wrong database.
    database_url: DatabaseUrl
    #: Database role to switch to after login; `none`: stay the login role. `migrate` creates the default one.
    attendance_database_role: str = "attendance_service"
    #: Connections per process. A decision holds one for some milliseconds; eight serve hundreds a second.
    attendance_database_connections: Annotated[int, Field(ge=1, le=100)] = 8
    #: Port to listen on; 0: any free port.
    attendance_port: Port = 50052
    #: Where the tracking service listens: host:port, or of each replica, separated by commas, or another gRPC target
    #: such as `dns:///name:port` (all its addresses).
    tracking_address: GrpcTarget = "127.0.0.1:50051"
    #: Seconds, retries included, within which the tracking service must respond. Shorter than the gateway's timeout, so
    #: that the caller gets an error that names the reason.
    tracking_deadline_seconds: Annotated[float, Field(gt=0, le=30)] = 3.0
    #: Time zone of session_date, start_time and end_time; the default is the platform's.
    session_timezone: TimeZoneName = "Africa/Addis_Ababa"
    #: Seconds of silence that end presence; the same as the tracking service's. Facts settle in twice this time.
    presence_timeout_seconds: Annotated[float, Field(ge=0.3, le=3600)] = 75
    #: Hours for which relays may report an event; the same as the tracking service's. After them facts are final, and
    #: what was written down about a session is judged again.
    backfill_limit_hours: Annotated[int, Field(ge=1, le=24 * 14)] = 24
    #: Seconds between two rounds of settling, while there is nothing to settle. Lists show a suggestion this long after
    #: the settling time of a session at the latest; one round costs a few milliseconds.
    settling_interval_seconds: Annotated[float, Field(gt=0, le=3600)] = 30
    #: Sessions that are settled together, with one call to the tracking service. A larger batch saves little, and is
    #: judged in the time that calls have to wait.
    settling_batch_sessions: Annotated[int, Field(ge=1, le=500)] = 100
    #: What becomes of notes, reasons and claims with HTML in them. Where pages show them as text, it does no harm.
    free_text_markup: MarkupRule = MarkupRule.ACCEPT
    #: Days for which evidence, and notes and reasons, are kept; 0: for ever.
    evidence_retention_days: RetentionDays = 0
    note_retention_days: RetentionDays = 0
    #: The lowest level of log lines that are written.
    log_level: LogLevel = "info"
