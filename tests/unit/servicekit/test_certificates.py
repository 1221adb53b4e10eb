"""What is wrong with the files of a certificate is said at the start, with the setting that names the file."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from development.certificates import Authority
from servicekit.tls.certificates import PemFile, TlsInvalid, read_authorities, read_key_pair
from testkit.certificates import CertificateFiles, write_certificate

AUTHORITY = Authority.make("authority of tests")


@pytest.fixture
def files(tmp_path: Path) -> CertificateFiles:
    return write_certificate(tmp_path, AUTHORITY, "server")


def read(files: CertificateFiles) -> None:
    read_key_pair(PemFile("TLS_CERTIFICATE_FILE", files.certificate), PemFile("TLS_KEY_FILE", files.key))
    read_authorities(PemFile("TLS_CA_FILE", files.authorities))


def test_a_certificate_with_its_key_and_its_authority_is_accepted(files: CertificateFiles) -> None:
    read(files)


@pytest.mark.parametrize("name", ["certificate", "key", "authorities"])
@pytest.mark.parametrize(("content", "problem"), [(None, "can't be read"), ("nothing", "has no"), ("", "has no")])
def test_a_file_that_is_missing_or_has_something_else_in_it_is_named(
    files: CertificateFiles, name: str, content: str | None, problem: str
) -> None:
    file: Path = getattr(files, name)
    if content is None:
        file.unlink()
    else:
        file.write_text(content)
    with pytest.raises(TlsInvalid, match=rf"TLS_\w+_FILE {file} {problem}"):
        read(files)


def test_the_key_of_another_certificate_is_refused(files: CertificateFiles) -> None:
    files.key.write_text(AUTHORITY.issue("another", ["localhost"]).key)
    with pytest.raises(TlsInvalid, match="is not the key of"):
        read(files)


def test_a_key_with_a_password_is_refused(files: CertificateFiles) -> None:
    key = load_pem_private_key(files.key.read_bytes(), password=None)
    files.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"password")))
    with pytest.raises(TlsInvalid, match="without a password"):
        read(files)


def test_an_expired_certificate_is_refused(files: CertificateFiles) -> None:
    files.renew(AUTHORITY, "server", lifetime=timedelta(hours=-1))
    with pytest.raises(TlsInvalid, match=r"TLS_CERTIFICATE_FILE .* and so not now"):
        read(files)
