"""Whoever runs the processes learns in time that a certificate ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from development.certificates import AUTHORITY_LIFETIME, Authority
from gateway.settings import GatewaySettings
from gateway.transport import certificate_ends
from servicekit.settings import TransportSettings
from servicekit.tls.certificates import end_of_authorities, end_of_chain
from servicekit.tls.expiry import CertificateExpiry, certificate_expiry
from servicekit.tls.mutual import configured_tls
from testkit.certificates import CertificateFiles, write_certificate
from testkit.tokens import SECRET

WARNING_DAYS = 30
NOW = datetime(2026, 11, 30, tzinfo=UTC)
DAY, MOMENT = timedelta(days=1), timedelta(seconds=1)
#: What is true within a minute of a slow machine.
MINUTE_SECONDS = 60


class Watched:
    """One certificate, and a clock."""

    def __init__(self, *, ends_in: timedelta) -> None:
        self.end = NOW + ends_in
        self.now = NOW
        self.expiry = CertificateExpiry(
            lambda: {"TLS_CERTIFICATE_FILE": self.end}, warning_days=WARNING_DAYS, now=lambda: self.now
        )


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the levels of what was logged since the last call."""
    levels = [record.levelname for record in caplog.records]
    caplog.clear()
    return levels


def test_nothing_is_said_of_a_certificate_that_lasts_longer(caplog: pytest.LogCaptureFixture) -> None:
    Watched(ends_in=timedelta(days=WARNING_DAYS) + MOMENT).expiry.look()
    assert logged(caplog) == []


def test_it_is_warned_once_a_day_of_a_certificate_that_ends_soon(caplog: pytest.LogCaptureFixture) -> None:
    watched = Watched(ends_in=timedelta(days=WARNING_DAYS))
    watched.expiry.look()
    (record,) = caplog.records
    assert record.__dict__["setting"] == "TLS_CERTIFICATE_FILE"
    assert (record.__dict__["ends"], record.__dict__["days_left"]) == ("2026-12-30T00:00:00+00:00", WARNING_DAYS)
    assert logged(caplog) == ["WARNING"]
    watched.now += DAY - MOMENT
    watched.expiry.look()
    assert logged(caplog) == []
    watched.now += MOMENT
    watched.expiry.look()
    assert logged(caplog) == ["WARNING"]


def test_it_is_an_error_at_once_when_it_has_expired(caplog: pytest.LogCaptureFixture) -> None:
    watched = Watched(ends_in=MOMENT)
    watched.expiry.look()
    watched.now += MOMENT
    watched.expiry.look()
    assert logged(caplog) == ["WARNING", "ERROR"]


def test_a_new_certificate_is_warned_of_for_itself(caplog: pytest.LogCaptureFixture) -> None:
    watched = Watched(ends_in=DAY)
    watched.expiry.look()
    watched.end += DAY
    watched.expiry.look()
    assert logged(caplog) == ["WARNING", "WARNING"]
    watched.end = NOW + AUTHORITY_LIFETIME
    watched.expiry.look()
    assert logged(caplog) == []


@pytest.fixture
def files(tmp_path: Path) -> CertificateFiles:
    return write_certificate(tmp_path, Authority.make("authority of tests"), "server", lifetime=DAY)


def test_the_gauge_follows_the_certificate_in_use(files: CertificateFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in files.settings().items():
        monkeypatch.setenv(name, value)
    settings, registry = TransportSettings(), CollectorRegistry()
    certificate_expiry(settings, configured_tls(settings), registry)
    seconds = {
        setting: registry.get_sample_value("tls_certificate_expires_seconds", {"setting": setting})
        for setting in ("TLS_CERTIFICATE_FILE", "TLS_CA_FILE")
    }
    assert seconds == {
        "TLS_CERTIFICATE_FILE": pytest.approx(DAY.total_seconds(), abs=MINUTE_SECONDS),
        "TLS_CA_FILE": pytest.approx(AUTHORITY_LIFETIME.total_seconds(), abs=MINUTE_SECONDS),
    }


def test_the_gateway_knows_the_ends_of_all_its_files_that_can_be_read(files: CertificateFiles) -> None:
    settings = GatewaySettings.model_validate(
        {
            "jwt_hs256_secret": SECRET,
            **{name.lower(): value for name, value in (files.settings() | files.gateway_settings()).items()},
        }
    )
    ends = certificate_ends(settings)
    assert list(ends) == ["GATEWAY_TLS_CERTIFICATE_FILE", "TLS_CERTIFICATE_FILE", "TLS_CA_FILE"]
    files.certificate.write_text("half of a cert")
    files.authorities.unlink()
    assert certificate_ends(settings) == {}


def test_a_chain_ends_with_its_first_certificate_and_authorities_with_their_last() -> None:
    authority = Authority.make("authority of tests")
    soon, late = (authority.issue("one", ["localhost"], lifetime=days * DAY).certificate for days in (1, 2))
    chain = f"{late}{soon}".encode()
    assert end_of_authorities(chain) - end_of_chain(chain) == pytest.approx(DAY, abs=timedelta(minutes=1))
