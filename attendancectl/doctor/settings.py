"""Whether the variables of the environment are valid for the processes that they may be for."""

from __future__ import annotations

import os
from collections.abc import Iterator

from pydantic import ValidationError

from attendance_service.settings import AttendanceSettings
from attendancectl.doctor.findings import Finding, failed, ok, skipped
from gateway.presence_socket.settings import PresenceSocketSettings
from gateway.settings import GatewaySettings
from servicekit.settings import EnvironmentSettings, faults
from tracking_service.settings import TrackingSettings

#: With the variable without which the process can't be meant.
_PROCESSES: dict[str, tuple[type[EnvironmentSettings], str]] = {
    "tracking service": (TrackingSettings, "DATABASE_URL"),
    "attendance service": (AttendanceSettings, "DATABASE_URL"),
    "presence socket": (PresenceSocketSettings, ""),
    "gateway": (GatewaySettings, ""),
}


def settings_findings() -> Iterator[Finding]:
    """Return a finding for each process."""
    for process, (kind, needed) in _PROCESSES.items():
        check = f"settings of the {process}"
        if needed and not os.environ.get(needed):
            yield skipped(check, f"{needed} is not set here")
            continue
        try:
            kind()
        except ValidationError as error:
            found = "; ".join(f"{name}: {message}" for name, message in faults(error))
            yield failed(check, found, "set what is named; .env.example explains each variable")
        else:
            yield ok(check, "valid")
