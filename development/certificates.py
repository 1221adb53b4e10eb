"""A small authority that issues certificates, for `make up TLS=1` and for tests."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple, Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

#: Nobody wants to trust a new authority each week; it lives on one machine.
AUTHORITY_LIFETIME = timedelta(days=365)
#: Issued anew at each start. Longer than the time for which processes warn of the end.
LIFETIME = timedelta(days=90)
#: Clocks of other machines and browsers may be a little behind.
BACKDATED = timedelta(minutes=5)


class Issued(NamedTuple):
    """A certificate and its key, as PEM."""

    certificate: str
    key: str


class Authority:
    """Issues certificates; whoever trusts its own certificate trusts them."""

    def __init__(self, certificate: x509.Certificate, key: EllipticCurvePrivateKey) -> None:
        """Use `make` or `read`."""
        self._certificate = certificate
        self._key = key

    @classmethod
    def make(cls, name: str) -> Self:
        """Return a new authority."""
        key = generate_private_key(SECP256R1())
        subject = _name(name)
        builder = _builder(subject, subject, key, datetime.now(UTC) + AUTHORITY_LIFETIME)
        extended = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).add_extension(
            _usage(signs_certificates=True), critical=True
        )
        return cls(extended.sign(key, SHA256()), key)

    @classmethod
    def read(cls, certificate: Path, key: Path) -> Self | None:
        """Return the authority of two files, or None unless it outlives the certificates that it would issue."""
        try:
            read = x509.load_pem_x509_certificate(certificate.read_bytes())
            private = load_pem_private_key(key.read_bytes(), password=None)
        except (OSError, ValueError):
            return None
        outlives = read.not_valid_after_utc > datetime.now(UTC) + LIFETIME
        return cls(read, private) if outlives and isinstance(private, EllipticCurvePrivateKey) else None

    @property
    def pem(self) -> Issued:
        """Its own certificate, and its key."""
        return _pem(self._certificate, self._key)

    def issue(self, name: str, hosts: Iterable[str], *, lifetime: timedelta = LIFETIME) -> Issued:
        """Return a certificate for a server of these hosts (names or addresses), which is good for a client as well.

        A negative lifetime makes an expired one.
        """
        key = generate_private_key(SECP256R1())
        builder = _builder(_name(name), self._certificate.subject, key, datetime.now(UTC) + lifetime)
        for extension, critical in (
            (x509.SubjectAlternativeName([_host(host) for host in hosts]), False),
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (_usage(signs_certificates=False), True),
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), False),
            (x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), False),
        ):
            builder = builder.add_extension(extension, critical=critical)
        return _pem(builder.sign(self._key, SHA256()), key)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: EllipticCurvePrivateKey, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(datetime.now(UTC), end) - BACKDATED)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pem(certificate: x509.Certificate, key: EllipticCurvePrivateKey) -> Issued:
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return Issued(certificate.public_bytes(Encoding.PEM).decode(), private.decode())
