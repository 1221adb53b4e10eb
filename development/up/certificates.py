"""The certificates of `make up TLS=1`: an authority that is kept, and new ones for all processes at each start."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from development.certificates import Authority, Issued
from development.environment import write_privately
from servicekit.tls.certificates import MutualTlsFiles, PemFile, end_of_authorities, end_of_chain

#: In the state directory.
DIRECTORY: Final = "tls"
AUTHORITY_NAME: Final = "Astegni attendance on this machine"
HOSTS: Final = ("localhost", "127.0.0.1", "::1")
#: Shows its certificate when it asks the others whether they are ready.
SUPERVISOR: Final = "make-up"
#: Whose certificate browsers are shown.
GATEWAY: Final = "gateway"
#: What everybody may read; keys are for this user.
_PUBLIC: Final = 0o644
#: Settings of TLS that a developer may have in `.env` for docker compose; here they have no meaning.
PLAINTEXT: Final[Mapping[str, str]] = dict.fromkeys(
    (
        "TLS_CERTIFICATE_FILE",
        "TLS_KEY_FILE",
        "TLS_CA_FILE",
        "GATEWAY_TLS_CERTIFICATE_FILE",
        "GATEWAY_TLS_KEY_FILE",
        "GATEWAY_PROBE_CA_FILE",
    ),
    "",
)


def authority_file(state_directory: Path) -> Path:
    """Return the certificate to trust."""
    return state_directory / DIRECTORY / "ca.pem"


def certificate_ends(state_directory: Path) -> tuple[datetime, datetime]:
    """Return when the certificates of this start end, and when the authority does."""
    directory = state_directory / DIRECTORY
    return (
        end_of_chain((directory / f"{GATEWAY}.pem").read_bytes()),
        end_of_authorities(authority_file(state_directory).read_bytes()),
    )


class Certificates:
    """Issues them when they are asked for."""

    def __init__(self, state_directory: Path) -> None:
        """Read the authority, or make it."""
        self._directory = state_directory / DIRECTORY
        self._directory.mkdir(exist_ok=True)
        self._authorities = authority_file(state_directory)
        key = self._directory / "ca-key.pem"
        known = Authority.read(self._authorities, key)
        self._authority = known or Authority.make(AUTHORITY_NAME)
        if known is None:
            self._write(self._authorities, key, self._authority.pem)

    def environment(self, process: str) -> dict[str, str]:
        """Return the settings of a process, with a new certificate."""
        certificate, key = self._issue(process)
        return {
            "TLS_CERTIFICATE_FILE": certificate,
            "TLS_KEY_FILE": key,
            "TLS_CA_FILE": str(self._authorities),
            "GATEWAY_PROBE_CA_FILE": str(self._authorities),
        }

    def gateway_environment(self) -> dict[str, str]:
        """Return the settings of the gateway, which shows the same certificate to browsers."""
        own = self.environment(GATEWAY)
        return {
            **own,
            "GATEWAY_TLS_CERTIFICATE_FILE": own["TLS_CERTIFICATE_FILE"],
            "GATEWAY_TLS_KEY_FILE": own["TLS_KEY_FILE"],
        }

    def supervisor_files(self) -> MutualTlsFiles:
        """Return the files with which the supervisor asks whether a process is ready."""
        certificate, key = self._issue(SUPERVISOR)
        return MutualTlsFiles(
            certificate=PemFile("certificate", Path(certificate)),
            key=PemFile("key", Path(key)),
            authorities=PemFile("authority", self._authorities),
        )

    def _issue(self, process: str) -> tuple[str, str]:
        certificate, key = self._directory / f"{process}.pem", self._directory / f"{process}-key.pem"
        self._write(certificate, key, self._authority.issue(process, HOSTS))
        return str(certificate), str(key)

    def _write(self, certificate: Path, key: Path, issued: Issued) -> None:
        write_privately(key, issued.key)
        write_privately(certificate, issued.certificate)
        certificate.chmod(_PUBLIC)
