"""The web pages' files: what lies in gateway/web, by the path at which the gateway serves it.

`*.html` are pages, `*.json` is what programs read, `modules/` are scripts that pages of others import by a name that
stays, and `assets/` is everything else: its paths carry a version that changes with any content, so that browsers may
keep them for ever. Files of packages are among them.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from string import Template
from typing import Final

from gateway.libraries import library_files
from gateway.preloads import static_imports

WEB: Final = Path(__file__).resolve().parent / "web"
#: The page at the root.
FRONT_PAGE: Final = "index"
CONTENT_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "application/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
}
#: Ask each time: what lies at this path changes.
REVALIDATE: Final = "no-cache"
#: A year, the longest that counts: what lies at this path never changes.
KEEP: Final = "public, max-age=31536000, immutable"
#: Of the contents' digest; enough that two versions never share one.
_VERSION_CHARACTERS: Final = 12
_ENTRY: Final = re.compile(r'<script type="module" src="\$\{ASSETS\}/([^"]+)"')


@dataclass(frozen=True, kw_only=True, slots=True)
class WebFile:
    """One file as it is served."""

    #: Path of the URL.
    path: str
    #: As it is sent.
    content: bytes
    content_type: str
    cache_control: str
    #: `gzip` where the content is compressed already; else the gateway does that for those who ask.
    content_encoding: str = ""


def web_files(time_zone: str, web: Path = WEB) -> tuple[WebFile, ...]:
    """Return every file of the pages; dates on them are those of `time_zone` (an IANA name)."""
    own, libraries = _contents(web / "assets"), library_files()
    assets = f"/assets/{_version({**own, **libraries})}"
    pages = [_page(file, assets, time_zone) for file in sorted(web.glob("*.html"))]
    steady = [*sorted(web.glob("*.json")), *sorted((web / "modules").glob("*"))]
    return (
        *pages,
        *(_file(f"/{file.name}", file.read_bytes(), REVALIDATE) for file in steady),
        *(_file(f"{assets}/{name}", content, KEEP) for name, content in own.items()),
        *(_compressed(f"{assets}/{name}", content) for name, content in libraries.items()),
    )


def _page(file: Path, assets: str, time_zone: str) -> WebFile:
    text = file.read_text()
    preloads = [
        f'<link rel="modulepreload" href="{assets}/{name}">'
        for entry in _ENTRY.findall(text)
        for name in static_imports(file.parent / "assets", PurePosixPath(entry))
    ]
    values = {"ASSETS": assets, "TIME_ZONE": time_zone, "PRELOADS": "\n    ".join(preloads)}
    return WebFile(
        path="/" if file.stem == FRONT_PAGE else f"/{file.stem}",
        content=Template(text).substitute(values).encode(),
        content_type=CONTENT_TYPES[file.suffix],
        cache_control=REVALIDATE,
    )


def _file(path: str, content: bytes, cache_control: str) -> WebFile:
    return WebFile(
        path=path,
        content=content,
        content_type=CONTENT_TYPES[PurePosixPath(path).suffix],
        cache_control=cache_control,
    )


def _compressed(path: str, content: bytes) -> WebFile:
    """Compress a large file once, as every browser takes it: the gateway would need tens of milliseconds each time."""
    return replace(_file(path, gzip.compress(content, mtime=0), KEEP), content_encoding="gzip")


def _version(assets: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, content in sorted(assets.items()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:_VERSION_CHARACTERS]


def _contents(folder: Path) -> dict[str, bytes]:
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}
