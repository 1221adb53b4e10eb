"""Write everything that Envoy reads into one directory: configuration, keys, descriptor set, and web pages.

Settings come from the environment (.env.example). Start Envoy with: envoy -c DIRECTORY/envoy.yaml
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from string import Template

from gateway import metrics_listener, traces, transport
from gateway.envoy_secrets import GATEWAY, TOKEN_FILTER, EnvoySecrets, write_privately
from gateway.pages import Installation, WebFile, not_found_page, web_files
from gateway.settings import GatewaySettings
from servicekit.addresses import host_of, separate
from servicekit.auth.keys import KeysInvalid
from servicekit.settings import load
from servicekit.tls.certificates import TlsInvalid

TEMPLATE = GATEWAY / "envoy.yaml"
DESCRIPTOR_SET = GATEWAY / "astegni.binpb"
#: Subdirectory for the pages' files.
WEB = "web"
#: The route of one such file. The configuration defines the anchors `reading`, `replace`, `public` and `part`.
WEB_ROUTE = (
    "- {{match: {{path: {path}, headers: [*reading]}}, direct_response: {{status: 200, body: {{filename: {file}}}}}, "
    "response_headers_to_add: [{headers}], typed_per_filter_config: *{filters}}}"
)
WEB_HEADER = "{{header: {{key: {name}, value: {value}}}, append_action: *replace}}"
#: Files that mean nothing but in a page, whose security policy holds for them.
PARTS = frozenset({".js", ".css", ".woff2"})
#: Each route is on a line of its own, indented like the others.
_BETWEEN_ROUTES = "\n" + 24 * " "
ADMIN_SOCKET = "admin.sock"
#: Linux stores a socket's path in 108 bytes, the last of which is zero.
MAX_SOCKET_PATH_BYTES = 107
#: Multiple of the call timeout after which a request without progress is ended: later than any call that only waits.
IDLE_FACTOR = 6
#: Multiple of the call timeout within which a whole request must arrive.
REQUEST_FACTOR = 3
#: A page that opens sends many requests at once: this many seconds' worth of its limit.
BURST_SECONDS = 2


class NotConfigurable(RuntimeError):
    """Envoy could not start with these settings; the message says why."""


def main() -> None:
    """Write the directory and print the path of Envoy's configuration."""
    parser = argparse.ArgumentParser(
        prog="python -m gateway.configure", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("directory", type=Path, metavar="DIRECTORY", help="created if it does not exist")
    parser.add_argument(
        "--demo-people",
        type=Path,
        metavar="FILE",
        help="serve this JSON file as /demo-people.json: the people and tokens that the demo page offers",
    )
    arguments = parser.parse_args()
    try:
        print(configure(load(GatewaySettings), arguments.directory, demo_people=arguments.demo_people))  # noqa: T201
    except (KeysInvalid, TlsInvalid, NotConfigurable, OSError) as error:
        sys.exit(f"The gateway can't be configured: {error}")


def configure(settings: GatewaySettings, directory: Path, *, demo_people: Path | None = None) -> Path:
    """Write the directory and return the path of Envoy's configuration.

    KeysInvalid, TlsInvalid, NotConfigurable or OSError if that is not possible.
    """
    directory = directory.resolve()
    _check(directory)
    secrets = EnvoySecrets(settings, directory)
    # Before anything is written.
    secrets.check()
    directory.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(DESCRIPTOR_SET, directory / DESCRIPTOR_SET.name)
    installation = Installation(
        time_zone=settings.session_timezone, sign_in_url=settings.sign_in_url, whiteboard_url=settings.whiteboard_url
    )
    pages = web_files(installation)
    # JSON is YAML, and Template refuses a placeholder without a value.
    text = Template(TEMPLATE.read_text()).substitute(
        {name: json.dumps(value) for name, value in _values(settings, directory, demo_people).items()},
        WEB_PATHS=json.dumps([page.path for page in pages]),
        WEB_ROUTES=_BETWEEN_ROUTES.join(_write_pages(pages, directory / WEB)),
        NOT_FOUND_PAGE=json.dumps(_write_not_found(not_found_page(installation), directory / WEB)),
        METRICS_LISTENER=metrics_listener.listener(settings),
        METRICS_CLUSTER=metrics_listener.cluster(settings, directory / ADMIN_SOCKET),
        TRACES_CLUSTER=traces.cluster(settings),
    )
    # Earlier versions kept the secret there.
    (directory / "jwks.json").unlink(missing_ok=True)
    for name in secrets.names:
        secrets.write(name)
    write_privately(directory / TEMPLATE.name, text)
    return directory / TEMPLATE.name


def _check(directory: Path) -> None:
    if not DESCRIPTOR_SET.exists():
        raise NotConfigurable(f"{DESCRIPTOR_SET} is missing; generate it with: python -m development.protos")
    if len(os.fsencode(directory / ADMIN_SOCKET)) > MAX_SOCKET_PATH_BYTES:
        raise NotConfigurable(f"the path {directory} is too long for a socket in it; choose a shorter one")


def _values(settings: GatewaySettings, directory: Path, demo_people: Path | None) -> dict[str, object]:
    return {
        "GATEWAY_LISTEN_ADDRESS": str(settings.gateway_listen_address),
        "GATEWAY_PORT": settings.gateway_port,
        "TRACKING_ENDPOINTS": _endpoints(settings.tracking_address),
        "ATTENDANCE_ENDPOINTS": _endpoints(settings.attendance_address),
        "SOCKET_ENDPOINTS": _endpoints(settings.socket_address),
        "CORS_ALLOWED_ORIGINS": [{"exact": origin} for origin in settings.cors_allowed_origins],
        "GATEWAY_TIMEOUT": _duration(settings.gateway_timeout_seconds),
        "IDLE_TIMEOUT": _duration(settings.gateway_timeout_seconds * IDLE_FACTOR),
        "REQUEST_TIMEOUT": _duration(settings.gateway_timeout_seconds * REQUEST_FACTOR),
        "GATEWAY_REQUESTS_PER_SECOND": settings.gateway_requests_per_second,
        "GATEWAY_REQUESTS_PER_SECOND_PER_ADDRESS": settings.gateway_requests_per_second_per_address,
        "ADDRESS_BURST": settings.gateway_requests_per_second_per_address * BURST_SECONDS,
        "GATEWAY_REQUESTS_PER_SECOND_PER_IDENTITY": settings.gateway_requests_per_second_per_identity,
        "IDENTITY_BURST": settings.gateway_requests_per_second_per_identity * BURST_SECONDS,
        "GATEWAY_TRUSTED_PROXIES": settings.gateway_trusted_proxies,
        "ADMIN_SOCKET": str(directory / ADMIN_SOCKET),
        "DESCRIPTOR_SET": str(directory / DESCRIPTOR_SET.name),
        "TRACING": traces.tracing(settings),
        "LISTENER_TLS": transport.listener(settings, directory),
        "TRANSPORT_SECURITY": transport.TRANSPORT_SECURITY if settings.gateway_key_pair else "",
        "TRACKING_TLS": transport.upstream(settings, directory, settings.tracking_address, "h2"),
        "ATTENDANCE_TLS": transport.upstream(settings, directory, settings.attendance_address, "h2"),
        "SOCKET_TLS": transport.upstream(settings, directory, settings.socket_address, "http/1.1"),
        "TOKEN_FILTER": str(directory / TOKEN_FILTER.name),
        "DEMO_PEOPLE": {"filename": str(demo_people.resolve())} if demo_people else {"inline_string": "[]"},
    }


def _write_pages(pages: Iterable[WebFile], directory: Path) -> Iterator[str]:
    """Write each file and yield its route."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir()
    for number, page in enumerate(pages):
        # Numbered, because a path of the URL may be both a file and a folder.
        file = directory / f"{number}{PurePosixPath(page.path).suffix}"
        file.write_bytes(page.content)
        yield WEB_ROUTE.format(
            path=json.dumps(page.path),
            file=json.dumps(str(file)),
            filters="part" if file.suffix in PARTS else "public",
            headers=", ".join(
                WEB_HEADER.format(name=name, value=json.dumps(value)) for name, value in _headers(page).items()
            ),
        )


def _write_not_found(content: bytes, directory: Path) -> str:
    """Write the page for unknown paths as a format of Envoy's, in which percent signs are commands; return its path."""
    file = directory / "not-found.html"
    file.write_bytes(content.replace(b"%", b"%%"))
    return str(file)


def _headers(page: WebFile) -> dict[str, str]:
    headers = {"content-type": page.content_type, "cache-control": page.cache_control}
    return {**headers, "content-encoding": page.content_encoding} if page.content_encoding else headers


def _duration(seconds: float) -> str:
    return f"{seconds:.3f}s"


def _endpoints(addresses: str) -> list[dict[str, object]]:
    return [{"endpoint": {"address": {"socket_address": _socket_address(address)}}} for address in separate(addresses)]


def _socket_address(address: str) -> dict[str, object]:
    return {"address": host_of(address), "port_value": int(address.rpartition(":")[2])}


if __name__ == "__main__":
    main()
