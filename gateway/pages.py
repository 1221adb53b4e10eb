"""The files in gateway/web, by the path at which the gateway serves them.

`*.html` are pages, `*.json` is for programs, `modules/` holds scripts that the platform's pages import by a fixed name,
and `assets/` holds everything else, with the files of packages: its paths contain a version that changes with any
content, so that browsers may cache them for ever.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path, PurePosixPath
from posixpath import normpath
from string import Template
from typing import Final

WEB: Final = Path(__file__).resolve().parent / "web"
#: The page at the root.
FRONT_PAGE: Final = "index"
CONTENT_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "application/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
}
#: The content at this path changes, so browsers have to ask each time.
REVALIDATE: Final = "no-cache"
#: The content at this path never changes; a year is the longest that browsers cache.
KEEP: Final = "public, max-age=31536000, immutable"
#: Length of the version, the start of a digest of all contents; long enough to be unique.
_VERSION_CHARACTERS: Final = 12
#: The files of Swagger UI that the page with the API's documentation loads.
SWAGGER_UI: Final = ("swagger-ui-bundle.js", "swagger-ui.css")
#: `import … from "./name.js"` and `export … from "./name.js"`, but not `import("./name.js")`, which runs later.
_IMPORT: Final = re.compile(r'^(?:import|export|\})[^"\n;]*"(\.{1,2}/[^"]+)"', re.MULTILINE)
_ENTRY: Final = re.compile(r'<script type="module" src="\$\{ASSETS\}/([^"]+)"')


@dataclass(frozen=True, kw_only=True, slots=True)
class WebFile:
    """One file as the gateway serves it."""

    #: Path of the URL.
    path: str
    #: As it is sent, compressed or not.
    content: bytes
    content_type: str
    cache_control: str
    #: `gzip` if the content is compressed already; else the gateway compresses it for browsers that accept that.
    content_encoding: str = ""


def web_files(time_zone: str, web: Path = WEB) -> tuple[WebFile, ...]:
    """Return all files of the pages, which show dates in `time_zone` (an IANA name)."""
    own, libraries = _contents(web / "assets"), _library_files()
    assets = f"/assets/{_version({**own, **libraries})}"
    pages = [_page(file, assets, time_zone) for file in sorted(web.glob("*.html"))]
    fixed = [*sorted(web.glob("*.json")), *sorted((web / "modules").glob("*"))]
    return (
        *pages,
        *(_file(f"/{file.name}", file.read_bytes(), REVALIDATE) for file in fixed),
        *(_file(f"{assets}/{name}", content, KEEP) for name, content in own.items()),
        *(_compressed(f"{assets}/{name}", content) for name, content in libraries.items()),
    )


def static_imports(assets: Path, entry: PurePosixPath) -> tuple[str, ...]:
    """Return all scripts that `entry` imports at once, as paths below `assets`; FileNotFoundError.

    A page lists them, so that browsers fetch all of them together.
    """
    imports: dict[str, None] = {}
    waiting = [str(entry)]
    while waiting:
        name = waiting.pop()
        for imported in _IMPORT.findall((assets / name).read_text()):
            module = normpath(PurePosixPath(name).parent / imported)
            if module not in imports:
                imports[module] = None
                waiting.append(module)
    return tuple(sorted(imports))


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
    """Compress a large file once; the gateway would need tens of milliseconds each time."""
    return replace(_file(path, gzip.compress(content, mtime=0), KEEP), content_encoding="gzip")


def _version(assets: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, content in sorted(assets.items()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:_VERSION_CHARACTERS]


def _contents(folder: Path) -> dict[str, bytes]:
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def _library_files() -> dict[str, bytes]:
    """Return the contents of the files of packages, by their names below the assets."""
    static = files("swagger_ui") / "static"
    return {f"swagger-ui/{name}": (static / name).read_bytes() for name in SWAGGER_UI}
