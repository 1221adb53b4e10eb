"""Notices in time that a certificate in use ends (docs/tls.md#before-a-certificate-expires)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final, NamedTuple

from prometheus_client import CollectorRegistry, Gauge

from servicekit.settings import TransportSettings
from servicekit.tls.certificates import end_of_authorities, end_of_chain
from servicekit.tls.mutual import MutualTls

_log = logging.getLogger(__name__)

#: How often the same is logged.
LOG_INTERVAL: Final = timedelta(days=1)
#: Files may have been replaced meanwhile.
LOOK_SECONDS: Final = 3600.0

#: When the certificates in use end, by the variables that name their files.
Ends = Callable[[], Mapping[str, datetime]]


class _Logged(NamedTuple):
    """What was logged of a certificate."""

    end: datetime
    is_expired: bool
    at: datetime


class CertificateExpiry:
    """Logs that a certificate ends soon, or has, once a day; shows when as a gauge."""

    def __init__(
        self,
        ends: Ends,
        *,
        warning_days: int,
        registry: CollectorRegistry | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """From `warning_days` before its end on, a certificate ends soon; without a registry there is no gauge."""
        self._ends = ends
        self._warning = timedelta(days=warning_days)
        self._now = now
        self._logged: dict[str, _Logged] = {}
        gauge = Gauge(
            "tls_certificate_expires_seconds",
            "In how many seconds a certificate in use ends, by the setting of its file; negative: it has ended.",
            ["setting"],
            registry=registry,
        )
        for setting in ends():
            gauge.labels(setting).set_function(partial(self._seconds_left, setting))

    async def run(self) -> None:
        """Look every hour until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_SECONDS)

    def look(self) -> None:
        """Log what ends soon, or has ended, unless that was logged less than a day ago."""
        now = self._now()
        for setting, end in self._ends().items():
            if end - now <= self._warning:
                self._log(setting, _Logged(end, end <= now, now))

    def _log(self, setting: str, found: _Logged) -> None:
        known = self._logged.get(setting)
        if known is not None and known[:2] == found[:2] and found.at - known.at < LOG_INTERVAL:
            return
        self._logged[setting] = found
        extra = {"setting": setting, "ends": found.end.isoformat(), "days_left": (found.end - found.at).days}
        if found.is_expired:
            _log.error("a certificate in use has expired: put a new one in the place of its file", extra=extra)
        else:
            _log.warning("a certificate in use ends soon: put a new one in the place of its file", extra=extra)

    def _seconds_left(self, setting: str) -> float:
        return (self._ends()[setting] - self._now()).total_seconds()


def certificate_expiry(
    settings: TransportSettings, tls: MutualTls | None, registry: CollectorRegistry
) -> CertificateExpiry:
    """Return what watches the certificates of mutual TLS that a process uses now."""

    def ends() -> Mapping[str, datetime]:
        if tls is None:
            return {}
        identity = tls.current
        return {
            "TLS_CERTIFICATE_FILE": end_of_chain(identity.key_pair.chain),
            "TLS_CA_FILE": end_of_authorities(identity.authorities),
        }

    return CertificateExpiry(ends, warning_days=settings.tls_expiry_warning_days, registry=registry)
