from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from attendancectl.doctor.certificates import certificate_findings
from attendancectl.doctor.findings import Level
from attendancectl.doctor.reachability import clock_finding
from development.certificates import Authority
from testkit.certificates import CertificateFiles, write_certificate


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CertificateFiles:
    files = write_certificate(tmp_path, Authority.make("tests"), "tracking")
    for variable, value in files.settings().items():
        monkeypatch.setenv(variable, value)
    return files


def levels() -> list[Level]:
    return [finding.level for finding in certificate_findings()]


def test_files_that_last_are_ok(files: CertificateFiles) -> None:
    (finding,) = certificate_findings()
    assert (finding.level, str(files.certificate) in finding.found) == (Level.OK, True)


def test_a_certificate_that_ends_soon_is_announced(files: CertificateFiles) -> None:
    files.renew(Authority.make("tests"), "tracking", lifetime=timedelta(days=3))
    assert levels() == [Level.WARNING]


def test_a_key_that_belongs_to_another_certificate_fails(files: CertificateFiles) -> None:
    other = write_certificate(files.key.parent, Authority.make("others"), "other")
    files.key.write_bytes(other.key.read_bytes())
    assert levels() == [Level.FAILED]


def test_files_of_the_gateway_are_looked_at(files: CertificateFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in files.gateway_settings().items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("JWT_HS256_SECRET", "x" * 32)
    monkeypatch.setenv("GATEWAY_PROBE_CA_FILE", "/missing/ca.pem")
    assert levels() == [Level.OK, Level.OK, Level.FAILED]


def test_without_files_it_says_that_nothing_is_encrypted() -> None:
    (finding,) = certificate_findings()
    assert "plaintext" in finding.found


@pytest.mark.parametrize(
    ("ahead", "level", "says"),
    [(0.9, Level.OK, "within"), (-30.0, Level.FAILED, "30.0 s behind"), (5.0, Level.FAILED, "5.0 s ahead")],
)
def test_a_clock_that_is_off_fails(ahead: float, level: Level, says: str) -> None:
    finding = clock_finding("clock", ahead, 1.0)
    assert (finding.level, says in finding.found) == (level, True)
