"""Settings of the tracking service."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from servicekit.clock import seconds
from servicekit.database.url import PlainDatabaseUrl
from servicekit.metrics.server import MetricsSettings
from servicekit.settings import (
    IdentitySettings,
    ListenSettings,
    LogLevel,
    Port,
    ProbeSettings,
    RetentionDays,
    ShutdownSettings,
    TimeZoneName,
)
from servicekit.tracing.settings import TracingSettings
from tracking_service.recording.retention import MAX_JOURNAL_HOURS, MIN_JOURNAL_HOURS

#: Two heartbeats may be lost before a participant shows as gone.
MIN_HEARTBEATS_PER_TIMEOUT = 3


class TrackingSettings(
    IdentitySettings, ProbeSettings, ListenSettings, MetricsSettings, ShutdownSettings, TracingSettings
):
    """Read from the environment; `.env.example` explains each."""

    #: PostgreSQL, as a URL.
    database_url: PlainDatabaseUrl
    #: Database role to switch to after login; `none`: stay the login role.
    tracking_database_role: str = "tracking_service"
    tracking_port: Port = 50051
    #: The time zone of schedules that have none.
    session_timezone: TimeZoneName = "Africa/Addis_Ababa"
    #: Seconds between two signs of life of a participant; the service sends it to its clients.
    heartbeat_interval_seconds: Annotated[float, Field(ge=0.1, le=300)] = 15
    #: Seconds: the longest silence inside a presence interval. Browsers throttle timers of hidden tabs to 60 s.
    presence_timeout_seconds: Annotated[float, Field(ge=0.3, le=3600)] = 75
    #: What one user may have open and send, in each replica.
    max_streams_per_user: Annotated[int, Field(ge=1)] = 20
    max_stream_opens_per_minute_per_user: Annotated[int, Field(ge=1)] = 60
    max_watches_per_user: Annotated[int, Field(ge=1)] = 50
    max_watch_opens_per_minute_per_user: Annotated[int, Field(ge=1)] = 300
    max_events_per_second_per_user: Annotated[int, Field(ge=1)] = 200
    #: The same of one relay or service; its events are limited by backpressure alone.
    max_streams_per_service: Annotated[int, Field(ge=1)] = 50_000
    max_stream_opens_per_minute_per_service: Annotated[int, Field(ge=1)] = 100_000
    max_watches_per_service: Annotated[int, Field(ge=1)] = 5_000
    max_watch_opens_per_minute_per_service: Annotated[int, Field(ge=1)] = 100_000
    #: Seconds: the longest that a stream stays open before its client is asked to open it anew, so that streams spread
    #: over replicas that were started later; 0: for as long as its token.
    max_stream_age_seconds: Annotated[float, Field(ge=0, le=86_400)] = 600
    #: Hours: how old an event of a relay may be.
    backfill_limit_hours: Annotated[int, Field(ge=1, le=24 * 14)] = 24
    #: Days for which facts are kept; 0: for ever. Raw events are connects, disconnects and the log of a whiteboard.
    event_retention_days: RetentionDays = 0
    presence_retention_days: RetentionDays = 0
    #: The same for when replicas and relays could see anybody.
    relay_retention_days: RetentionDays = 0
    #: Hours: how long records of the journal are kept once facts are made of them.
    journal_retention_hours: Annotated[int, Field(ge=MIN_JOURNAL_HOURS, le=MAX_JOURNAL_HOURS)] = 2
    log_level: LogLevel = "info"

    @model_validator(mode="after")
    def _check_timeout(self) -> TrackingSettings:
        # Rounded to microseconds, because 3 * 0.1 is more than 0.3 in floating point.
        if seconds(MIN_HEARTBEATS_PER_TIMEOUT * self.heartbeat_interval_seconds) > seconds(
            self.presence_timeout_seconds
        ):
            raise ValueError(
                f"PRESENCE_TIMEOUT_SECONDS must be at least {MIN_HEARTBEATS_PER_TIMEOUT} times "
                "HEARTBEAT_INTERVAL_SECONDS, so that two lost heartbeats do not end a presence"
            )
        return self
