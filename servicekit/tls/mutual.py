"""Mutual TLS between our processes: what each shows to others, and whom it accepts (docs/tls.md#between-the-processes).

A new connection gets what the files say at its beginning, so certificates change without a restart.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Sequence
from typing import NamedTuple, cast

import grpc
from grpc import aio

from servicekit.addresses import listed
from servicekit.reloaded import Reloaded
from servicekit.settings import TransportSettings
from servicekit.tls.certificates import KeyPair, MutualTlsFiles, TlsInvalid, read_authorities, read_key_pair
from servicekit.tls.contexts import client_context


class Identity(NamedTuple):
    """Our certificate with its key, and the authorities that we accept."""

    key_pair: KeyPair
    authorities: bytes


MutualTls = Reloaded[Identity]


def read_identity(files: MutualTlsFiles) -> Identity:
    """Read and check all three files; TlsInvalid."""
    return Identity(read_key_pair(files.certificate, files.key), read_authorities(files.authorities))


def configured_tls(settings: TransportSettings) -> MutualTls | None:
    """Return the identity of the settings, or None: plaintext; TlsInvalid."""
    files = settings.mutual_tls
    if files is None:
        return None
    return MutualTls([file.path for file in files], lambda: read_identity(files), faults=TlsInvalid)


def server_credentials(tls: MutualTls) -> grpc.ServerCredentials:
    """Return credentials of a gRPC server that accepts only clients with a certificate of our authorities."""
    shown = tls.current

    def changed() -> grpc.ServerCertificateConfiguration | None:
        """Return what has changed since the last call, of which gRPC makes one for each connection."""
        nonlocal shown
        if tls.current is shown:
            return None
        shown = tls.current
        return _server_configuration(shown)

    # None is documented, and missing in the type.
    fetcher = cast(Callable[[], grpc.ServerCertificateConfiguration], changed)
    return grpc.dynamic_ssl_server_credentials(
        _server_configuration(shown), fetcher, require_client_authentication=True
    )


def channel_credentials(identity: Identity) -> grpc.ChannelCredentials:
    """Return credentials of a gRPC client. Its channel keeps them; only a new channel can have others."""
    return grpc.ssl_channel_credentials(identity.authorities, identity.key_pair.key, identity.key_pair.chain)


def open_channel(
    address: str,
    identity: Identity | None,
    options: Sequence[tuple[str, str | int]] = (),
    interceptors: Sequence[aio.ClientInterceptor] = (),
) -> aio.Channel:
    """Return a channel; without an identity it speaks plaintext. All servers of a list show the name of the first."""
    if identity is None:
        return aio.insecure_channel(address, options=options, interceptors=interceptors)
    several = listed(address)
    # Of a list gRPC would look for the whole list in each certificate.
    named = (("grpc.default_authority", several[0]),) if several else ()
    credentials = channel_credentials(identity)
    return aio.secure_channel(address, credentials, options=(*options, *named), interceptors=interceptors)


def server_context(files: MutualTlsFiles) -> ssl.SSLContext:
    """Return a context that accepts only clients with a certificate of our authorities; TlsInvalid."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED
    # A resumed session would not be checked against new authorities.
    context.options |= ssl.OP_NO_TICKET
    context.num_tickets = 0
    context.load_verify_locations(cadata=read_authorities(files.authorities).decode())
    _load(context, files)
    return context


def mutual_client_context(files: MutualTlsFiles) -> ssl.SSLContext:
    """Return a context that shows our certificate to a server with one of our authorities for its host; TlsInvalid."""
    context = client_context(files.authorities)
    _load(context, files)
    return context


def reloaded_server_context(files: MutualTlsFiles) -> Reloaded[ssl.SSLContext]:
    """Return the same as `server_context` for files that may change; TlsInvalid."""
    return Reloaded([file.path for file in files], lambda: server_context(files), faults=TlsInvalid)


def following(contexts: Reloaded[ssl.SSLContext]) -> ssl.SSLContext:
    """Return a context for a server that keeps it: each connection goes on with the current one."""

    def go_on(connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
        connection.context = contexts.current

    first = contexts.current
    first.sni_callback = go_on
    return first


def _load(context: ssl.SSLContext, files: MutualTlsFiles) -> None:
    # Python takes files only. They are checked before, because its errors do not say what is wrong.
    read_key_pair(files.certificate, files.key)
    try:
        context.load_cert_chain(files.certificate.path, files.key.path)
    except (ssl.SSLError, OSError) as error:
        raise TlsInvalid(f"{files.certificate.path} and {files.key.path} changed while they were read") from error


def _server_configuration(identity: Identity) -> grpc.ServerCertificateConfiguration:
    pair = identity.key_pair
    return grpc.ssl_server_certificate_configuration([(pair.key, pair.chain)], identity.authorities)
