"""Whether certificates can be used, and for how long (docs/tls.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import ValidationError

from attendancectl.doctor.findings import Finding, failed, ok, skipped, warning
from gateway.settings import GatewaySettings
from servicekit.settings import ProbeSettings, TransportSettings
from servicekit.tls.certificates import PemFile, TlsInvalid, first_end, read_authorities, read_key_pair
from servicekit.tls.mutual import read_identity

_NEXT_STEP = "renew it; processes read the files again by themselves"


def certificate_findings() -> Iterator[Finding]:
    """Return what is wrong with the files that are set, and which of them ends first."""
    try:
        transport, probe = TransportSettings(), ProbeSettings()
    except ValidationError:
        yield skipped("certificates", "their settings are not valid")
        return
    # As the processes do.
    soon = timedelta(days=transport.tls_expiry_warning_days)
    files = transport.mutual_tls
    if files is None:
        yield ok("certificates", "none is set: the processes speak plaintext with each other")
    else:
        yield _looked_at("certificates", (files.certificate, files.authorities), lambda: read_identity(files), soon)
    gateway = _gateway_files()
    if gateway is not None:
        yield _looked_at("certificate of the gateway", gateway[:1], lambda: read_key_pair(*gateway), soon)
    authorities = probe.probe_authorities
    if authorities is not None:
        yield _looked_at("authority of the gateway", (authorities,), lambda: read_authorities(authorities), soon)


def _gateway_files() -> tuple[PemFile, PemFile] | None:
    try:
        return GatewaySettings().gateway_key_pair
    except ValidationError:
        return None


def _looked_at(check: str, files: Iterable[PemFile], read: Callable[[], object], soon: timedelta) -> Finding:
    try:
        read()
        ends = {file.path: first_end(file) for file in files}
    except TlsInvalid as error:
        return failed(check, str(error), "mend the file; running processes keep what they have read")
    first = min(ends, key=lambda path: ends[path])
    return _lasting(check, first, ends[first], soon)


def _lasting(check: str, file: Path, ends: datetime, soon: timedelta) -> Finding:
    found = f"{file} ends on {ends:%Y-%m-%d %H:%M} UTC"
    return warning(check, found, _NEXT_STEP) if ends < datetime.now(UTC) + soon else ok(check, found)
