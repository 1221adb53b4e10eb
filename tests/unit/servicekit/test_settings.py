"""Settings: all faults are reported at once, and no secret is printed."""

from __future__ import annotations

import pytest

from servicekit.settings import load
from testkit.tokens import SECRET
from tracking_service.settings import TrackingSettings

NAMES = [name.upper() for name in TrackingSettings.model_fields]


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABASE_URL", "postgresql://localhost/test")
    monkeypatch.setenv("JWT_HS256_SECRET", SECRET)


def faults(capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        load(TrackingSettings)
    assert ended.value.code == 2
    return capsys.readouterr().err


def test_the_defaults_are_the_documented_ones() -> None:
    settings = load(TrackingSettings)
    assert (settings.tracking_port, settings.heartbeat_interval_seconds, settings.presence_timeout_seconds) == (
        50051,
        15,
        75,
    )
    assert settings.backfill_limit_hours == 24


def test_all_faults_are_reported_at_once(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.setenv("TRACKING_PORT", "many")
    monkeypatch.setenv("SESSION_TIMEZONE", "Mars/Olympus")
    reported = faults(capsys)
    assert all(name in reported for name in ("DATABASE_URL", "TRACKING_PORT", "SESSION_TIMEZONE"))


def test_a_weak_secret_is_refused_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JWT_HS256_SECRET", "hunter2hunter2")
    reported = faults(capsys)
    assert "JWT_HS256_SECRET" in reported
    assert "hunter2" not in reported


def test_without_any_key_nothing_starts(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("JWT_HS256_SECRET", "")
    assert "JWT_JWKS_FILE" in faults(capsys)


def test_a_timeout_that_two_lost_heartbeats_would_break_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PRESENCE_TIMEOUT_SECONDS", "44")
    assert "PRESENCE_TIMEOUT_SECONDS must be at least 3 times" in faults(capsys)


@pytest.mark.parametrize(("interval", "timeout"), [("0.1", "0.3"), ("2.5", "10"), ("15", "75")])
def test_the_interval_and_the_timeout_may_be_fractions_of_a_second(
    monkeypatch: pytest.MonkeyPatch, interval: str, timeout: str
) -> None:
    monkeypatch.setenv("HEARTBEAT_INTERVAL_SECONDS", interval)
    monkeypatch.setenv("PRESENCE_TIMEOUT_SECONDS", timeout)
    settings = load(TrackingSettings)
    assert (settings.heartbeat_interval_seconds, settings.presence_timeout_seconds) == (float(interval), float(timeout))


@pytest.mark.parametrize("interval", ["0", "0.05", "-1", "nan", "301"])
def test_an_interval_out_of_range_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], interval: str
) -> None:
    monkeypatch.setenv("HEARTBEAT_INTERVAL_SECONDS", interval)
    assert "HEARTBEAT_INTERVAL_SECONDS" in faults(capsys)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.1", "::1", "[::1]", "localhost"])
def test_plaintext_needs_no_permission_on_loopback(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("LISTEN_HOST", host)
    assert load(TrackingSettings).listen_host == host


@pytest.mark.parametrize("host", ["0.0.0.0", "10.0.0.5", "::", "[::]", "tracking"])  # noqa: S104 - what is refused
def test_plaintext_to_a_network_is_refused_and_the_message_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], host: str
) -> None:
    monkeypatch.setenv("LISTEN_HOST", host)
    reported = faults(capsys)
    assert all(name in reported for name in ("LISTEN_HOST", "TLS_CERTIFICATE_FILE", "ALLOW_PLAINTEXT=true"))


def test_plaintext_to_a_network_may_be_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTEN_HOST", "192.0.2.1")
    monkeypatch.setenv("ALLOW_PLAINTEXT", "true")
    assert load(TrackingSettings).mutual_tls is None


def test_with_certificates_a_process_may_listen_to_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTEN_HOST", "192.0.2.1")
    for name in ("TLS_CERTIFICATE_FILE", "TLS_KEY_FILE", "TLS_CA_FILE"):
        monkeypatch.setenv(name, "file.pem")
    assert load(TrackingSettings).mutual_tls is not None


def test_half_of_the_settings_of_tls_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TLS_CERTIFICATE_FILE", "file.pem")
    monkeypatch.setenv("TLS_CA_FILE", "ca.pem")
    assert "TLS_KEY_FILE" in faults(capsys)
