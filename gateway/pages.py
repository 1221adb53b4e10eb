"""The web pages' files: what lies in gateway/web, by the path at which the gateway serves it.

`*.html` are pages, `modules/` are scripts that pages of others import by a name that stays, and `assets/` is everything
else: its paths carry a version that changes with any content, so that browsers may keep them for ever.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from string import Template
from typing import Final

from gateway.preloads import static_imports

WEB: Final = Path(__file__).resolve().parent / "web"
#: The page at the root.
FRONT_PAGE: Final = "index"
CONTENT_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "application/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
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
    content: bytes
    content_type: str
    cache_control: str


def web_files(time_zone: str, web: Path = WEB) -> tuple[WebFile, ...]:
    """Return every file of the pages; dates on them are those of `time_zone` (an IANA name)."""
    assets = f"/assets/{_version(web / 'assets')}"
    pages = [_page(file, assets, time_zone) for file in sorted(web.glob("*.html"))]
    modules = [_file(f"/{file.name}", file, REVALIDATE) for file in sorted((web / "modules").glob("*"))]
    kept = [_file(f"{assets}/{_name(file, web / 'assets')}", file, KEEP) for file in _files(web / "assets")]
    return (*pages, *modules, *kept)


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


def _file(path: str, file: Path, cache_control: str) -> WebFile:
    return WebFile(
        path=path,
        content=file.read_bytes(),
        content_type=CONTENT_TYPES[file.suffix],
        cache_control=cache_control,
    )


def _version(assets: Path) -> str:
    digest = hashlib.sha256()
    for file in _files(assets):
        content = file.read_bytes()
        digest.update(f"{_name(file, assets)}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:_VERSION_CHARACTERS]


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())


def _name(file: Path, folder: Path) -> str:
    return file.relative_to(folder).as_posix()
