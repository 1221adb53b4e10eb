"""TLS of Python's own sockets: the presence socket's server, and clients that ask whether something runs."""

from __future__ import annotations

import ssl

from servicekit.reloaded import Reloaded
from servicekit.tls.certificates import PemFile, TlsInvalid, read_authorities


def client_context(authorities: PemFile) -> ssl.SSLContext:
    """Return a context that accepts servers with a certificate of these authorities for their host; TlsInvalid."""
    context = ssl.create_default_context(cadata=read_authorities(authorities).decode())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def reloaded_client_context(authorities: PemFile) -> Reloaded[ssl.SSLContext]:
    """Return the same for authorities that may change; TlsInvalid."""
    return Reloaded([authorities.path], lambda: client_context(authorities), faults=TlsInvalid)
