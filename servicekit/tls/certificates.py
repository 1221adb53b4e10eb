"""Reads certificates, keys and authorities from PEM files, and says what is wrong with them (docs/tls.md#files)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key


class TlsInvalid(ValueError):
    """A file can't be used for TLS; the message names its setting."""


class PemFile(NamedTuple):
    """A file, and the variable that names it."""

    variable: str
    path: Path


class MutualTlsFiles(NamedTuple):
    """What one process shows to others, and whom it accepts."""

    certificate: PemFile
    key: PemFile
    authorities: PemFile


class KeyPair(NamedTuple):
    """A certificate chain, the certificate of its owner first, and the owner's private key, as PEM."""

    chain: bytes
    key: bytes


def read_key_pair(certificate: PemFile, key: PemFile) -> KeyPair:
    """Read both files; TlsInvalid unless the certificate is valid now, and the key is its key."""
    chain, private = _read(certificate), _read(key)
    owner, *_ = _certificates(certificate, chain)
    if not _is_valid_now(owner):
        raise _not_valid_now(certificate, owner)
    try:
        public = load_pem_private_key(private, password=None).public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise TlsInvalid(f"{key.variable} {key.path} has no private key in PEM without a password") from None
    if _encoded(public) != _encoded(owner.public_key()):
        raise TlsInvalid(f"{key.variable} {key.path} is not the key of {certificate.variable} {certificate.path}")
    return KeyPair(chain, private)


def read_authorities(file: PemFile) -> bytes:
    """Return the certificates of authorities as PEM; TlsInvalid unless one of them is valid now."""
    content = _read(file)
    authorities = _certificates(file, content)
    if not any(_is_valid_now(authority) for authority in authorities):
        raise _not_valid_now(file, authorities[0])
    return content


def end_of_chain(chain: bytes) -> datetime:
    """Return when a chain in PEM can't be used any more: when the first of its certificates ends."""
    return min(one.not_valid_after_utc for one in x509.load_pem_x509_certificates(chain))


def end_of_authorities(authorities: bytes) -> datetime:
    """Return when none of these certificates in PEM is valid any more. Those that were replaced may end earlier."""
    return max(one.not_valid_after_utc for one in x509.load_pem_x509_certificates(authorities))


def first_end(file: PemFile) -> datetime:
    """Return when the first of a file's certificates ends; TlsInvalid."""
    return min(certificate.not_valid_after_utc for certificate in _certificates(file, _read(file)))


def _read(file: PemFile) -> bytes:
    try:
        return file.path.read_bytes()
    except OSError as error:
        raise TlsInvalid(f"{file.variable} {file.path} can't be read: {error.strerror}") from error


def _certificates(file: PemFile, content: bytes) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(content)
    except ValueError:
        raise TlsInvalid(f"{file.variable} {file.path} has no certificate in PEM") from None


def _is_valid_now(certificate: x509.Certificate) -> bool:
    return certificate.not_valid_before_utc <= datetime.now(UTC) <= certificate.not_valid_after_utc


def _not_valid_now(file: PemFile, certificate: x509.Certificate) -> TlsInvalid:
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return TlsInvalid(f"{file.variable} {file.path} is valid from {start} to {end}, and so not now")


def _encoded(public_key: PublicKeyTypes) -> bytes:
    return public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
