"""TLS of Envoy: at its listener, and to the processes behind it (docs/tls.md).

Envoy reads certificates by its secret discovery service from files (SDS), each of which is replaced by renaming. So a
certificate and its key change together, which two files never do, and without a restart.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from gateway.settings import GatewaySettings
from servicekit.addresses import host_of, is_ip_address, separate
from servicekit.tls.certificates import (
    PemFile,
    end_of_authorities,
    end_of_chain,
    read_authorities,
    read_key_pair,
)

SERVER_CERTIFICATE: Final = "server_certificate"
CLIENT_CERTIFICATE: Final = "client_certificate"
AUTHORITIES: Final = "authorities"
#: A year, in which browsers that were here once use TLS only.
TRANSPORT_SECURITY: Final = "max-age=31536000"
_TYPES: Final = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3"
_VERSIONS: Final = {"tls_minimum_protocol_version": "TLSv1_2", "tls_maximum_protocol_version": "TLSv1_3"}


def secret_file(name: str) -> str:
    """Return the name of the file of a secret."""
    return f"{name}.json"


def secrets(settings: GatewaySettings) -> Mapping[str, Callable[[], str]]:
    """Return what makes the text of each secret's file from the files of the settings; each raises TlsInvalid."""
    makers: dict[str, Callable[[], str]] = {}
    if (server := settings.gateway_key_pair) is not None:
        makers[secret_file(SERVER_CERTIFICATE)] = lambda: _certificate(SERVER_CERTIFICATE, *read_key_pair(*server))
    if (files := settings.mutual_tls) is not None:
        client = files
        makers[secret_file(CLIENT_CERTIFICATE)] = lambda: _certificate(
            CLIENT_CERTIFICATE, *read_key_pair(client.certificate, client.key)
        )
        makers[secret_file(AUTHORITIES)] = lambda: _authorities(read_authorities(client.authorities))
    return makers


def certificate_ends(settings: GatewaySettings) -> Mapping[str, datetime]:
    """Return when the certificates of the settings end, by the variables that name their files.

    A file that can't be read now is missing.
    """
    files: dict[PemFile, Callable[[bytes], datetime]] = {}
    if (server := settings.gateway_key_pair) is not None:
        files[server[0]] = end_of_chain
    if (client := settings.mutual_tls) is not None:
        files |= {client.certificate: end_of_chain, client.authorities: end_of_authorities}
    ends: dict[str, datetime] = {}
    for file, end_of in files.items():
        with suppress(OSError, ValueError):
            ends[file.variable] = end_of(file.path.read_bytes())
    return ends


def listener(settings: GatewaySettings, directory: Path) -> dict[str, Any] | None:
    """Return the transport socket of the listener; None: plaintext."""
    if settings.gateway_key_pair is None:
        return None
    common = {
        "tls_params": _VERSIONS,
        "alpn_protocols": ["h2", "http/1.1"],
        "tls_certificate_sds_secret_configs": [_discovered(SERVER_CERTIFICATE, directory)],
    }
    return _socket("DownstreamTlsContext", {"common_tls_context": common})


def upstream(settings: GatewaySettings, directory: Path, addresses: str, protocol: str) -> dict[str, Any] | None:
    """Return the transport socket to addresses; a certificate must name one of their hosts; None: plaintext."""
    if settings.mutual_tls is None:
        return None
    hosts = sorted({host_of(address) for address in separate(addresses)})
    names = [{"san_type": "IP_ADDRESS" if is_ip_address(host) else "DNS", "matcher": {"exact": host}} for host in hosts]
    # A name is the only host (servicekit/addresses.py).
    asked = {} if is_ip_address(hosts[0]) else {"sni": hosts[0]}
    common = {
        "tls_params": _VERSIONS,
        "alpn_protocols": [protocol],
        "tls_certificate_sds_secret_configs": [_discovered(CLIENT_CERTIFICATE, directory)],
        "combined_validation_context": {
            "default_validation_context": {"match_typed_subject_alt_names": names},
            "validation_context_sds_secret_config": _discovered(AUTHORITIES, directory),
        },
    }
    return _socket("UpstreamTlsContext", {"common_tls_context": common, **asked})


def _socket(kind: str, context: Mapping[str, object]) -> dict[str, Any]:
    return {"name": "envoy.transport_sockets.tls", "typed_config": {"@type": f"{_TYPES}.{kind}", **context}}


def _discovered(name: str, directory: Path) -> dict[str, Any]:
    source = {"path_config_source": {"path": str(directory / secret_file(name))}, "resource_api_version": "V3"}
    return {"name": name, "sds_config": source}


def _certificate(name: str, chain: bytes, key: bytes) -> str:
    certificate = {"certificate_chain": _inline(chain), "private_key": _inline(key)}
    return _secret(name, {"tls_certificate": certificate})


def _authorities(certificates: bytes) -> str:
    return _secret(AUTHORITIES, {"validation_context": {"trusted_ca": _inline(certificates)}})


def _secret(name: str, content: Mapping[str, object]) -> str:
    return json.dumps({"resources": [{"@type": f"{_TYPES}.Secret", "name": name, **content}]})


def _inline(pem: bytes) -> dict[str, str]:
    return {"inline_string": pem.decode()}
