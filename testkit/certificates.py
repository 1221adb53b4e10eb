"""Certificates in files, for tests of TLS."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID

from development.certificates import LIFETIME, Authority
from testkit.replaced_file import replace

LOOPBACK = ("127.0.0.1", "localhost")


@dataclass(frozen=True, kw_only=True, slots=True)
class CertificateFiles:
    """A certificate and its key in files of one directory, and the authorities that its owner trusts."""

    certificate: Path
    key: Path
    authorities: Path

    def settings(self) -> dict[str, str]:
        """Return the settings by which a process uses them for mutual TLS."""
        return {
            "TLS_CERTIFICATE_FILE": str(self.certificate),
            "TLS_KEY_FILE": str(self.key),
            "TLS_CA_FILE": str(self.authorities),
        }

    def gateway_settings(self) -> dict[str, str]:
        """Return the settings by which the gateway's listener uses them."""
        return {"GATEWAY_TLS_CERTIFICATE_FILE": str(self.certificate), "GATEWAY_TLS_KEY_FILE": str(self.key)}

    def renew(self, authority: Authority, name: str, *, lifetime: timedelta = LIFETIME) -> None:
        """Put another certificate in its place, and its key."""
        issued = authority.issue(name, LOOPBACK, lifetime=lifetime)
        replace(self.key, issued.key)
        replace(self.certificate, issued.certificate)


def write_certificate(
    directory: Path, authority: Authority, name: str, *, lifetime: timedelta = LIFETIME
) -> CertificateFiles:
    """Write a certificate for this machine, and that of its authority."""
    files = CertificateFiles(
        certificate=directory / f"{name}.pem", key=directory / f"{name}-key.pem", authorities=directory / "ca.pem"
    )
    files.renew(authority, name, lifetime=lifetime)
    replace(files.authorities, authority.pem.certificate)
    return files


def shown_name(port: int, client: CertificateFiles | None = None) -> str:
    """Return the name in the certificate that a server on this machine shows now."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if client is not None:
        context.load_cert_chain(client.certificate, client.key)
    with socket.create_connection((LOOPBACK[0], port)) as plain, context.wrap_socket(plain) as encrypted:
        shown = encrypted.getpeercert(binary_form=True)
    assert shown is not None
    (name,) = x509.load_der_x509_certificate(shown).subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(name.value)
