"""What this service's tables say about how it runs, for `attendancectl status`."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field
from sqlalchemy.engine import Connection

from attendance_service.domain.policy import Limits
from attendance_service.store import overview
from servicekit.settings import EnvironmentSettings, TimeZoneName, load


class OverviewSettings(EnvironmentSettings):
    """By what the service counts; the same as its own settings."""

    session_timezone: TimeZoneName = "Africa/Addis_Ababa"
    presence_timeout_seconds: Annotated[float, Field(ge=0.3, le=3600)] = 75


def read_overview(connection: Connection) -> dict[str, Any]:
    """Return the numbers by name."""
    settings = load(OverviewSettings)
    limits = Limits(presence_timeout=timedelta(seconds=settings.presence_timeout_seconds))
    return overview.read(connection, ZoneInfo(settings.session_timezone), settling_time=limits.settling_time)
