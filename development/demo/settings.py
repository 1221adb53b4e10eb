"""What the demo needs to know."""

from __future__ import annotations

from development.environment import DevelopmentSettings
from servicekit.settings import TimeZoneName


class DemoSettings(DevelopmentSettings):
    """The development settings, the services' addresses, and the time zone of the lessons' dates."""

    #: host:port of the tracking service.
    tracking_address: str = "127.0.0.1:50051"
    #: host:port of the attendance service.
    attendance_address: str = "127.0.0.1:50052"
    #: Time zone of session_date, start_time and end_time.
    session_timezone: TimeZoneName = "Africa/Addis_Ababa"
