"""The files of the web pages: what is in gateway/web, by the path at which the gateway serves it.

`*.html` are pages (those in `errors/` are answers instead of one, and in `parts/` is what several have in common),
`*.json` is data for programs, and `modules/` are scripts that other pages import under names that do not change.
Everything else is in `assets/`, with files of packages: the version in its path changes with any content, so browsers
may keep it for ever.
"""

from __future__ import annotations

import gzip
import hashlib
import html
import json
import re
from collections.abc import Iterable, Mapping
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
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}
#: Browsers ask each time: the content at this path changes.
REVALIDATE: Final = "no-cache"
#: A year, the longest that counts: the content at this path never changes.
KEEP: Final = "public, max-age=31536000, immutable"
#: The files of Swagger UI, which shows the API's documentation, that its page loads.
SWAGGER_UI: Final = ("swagger-ui-bundle.js", "swagger-ui.css")
#: Characters of the digest: enough that no two versions share them.
_VERSION_CHARACTERS: Final = 12
#: What a language's file of strings says of itself.
_LANGUAGE_FACT: Final = re.compile(r'^export const (\w+) = "([^"]+)";$', re.MULTILINE)
#: Those that scripts need of every language.
_FACTS_FOR_SCRIPTS: Final = ("code", "name", "direction")
#: What a page says where no script has run. The link has no fragment, so that it loads the page anew.
_NOT_LOADED: Final = '<p lang="{code}" dir="{direction}">{notLoaded} <a href="">{loadAgain}</a></p>'
_NEEDS_SCRIPTS: Final = '<p lang="{code}" dir="{direction}">{needsScripts}</p>'
_ENTRY: Final = re.compile(r'<script type="module" src="\$\{ASSETS\}/([^"]+)"')
#: `import … from "./name.js"` and `export … from "./name.js"`; not `import("./name.js")`, which is for later.
_IMPORT: Final = re.compile(r'^(?:import|export|\})[^"\n;]*"(\.{1,2}/[^"]+)"', re.MULTILINE)


@dataclass(frozen=True, kw_only=True, slots=True)
class WebFile:
    """One file as it is served."""

    #: Path of the URL.
    path: str
    #: As it is sent.
    content: bytes
    content_type: str
    cache_control: str
    #: `gzip` where the content is already compressed; else the gateway compresses it for clients that ask.
    content_encoding: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Installation:
    """What the pages need to know of where they are."""

    #: IANA name of the zone of all dates.
    time_zone: str
    #: Where one signs in; empty: nobody knows.
    sign_in_url: str = ""
    #: Address of a lesson's whiteboard, with `{whiteboard_id}` in place of its id; empty: the demo's.
    whiteboard_url: str = ""


def web_files(installation: Installation, web: Path = WEB) -> tuple[WebFile, ...]:
    """Return every file of the pages."""
    own, libraries = _contents(web / "assets"), _library_files()
    assets = f"/assets/{_version({**own, **libraries})}"
    pages = [_page(file, assets, web, installation) for file in sorted(web.glob("*.html"))]
    unversioned = [*sorted(web.glob("*.json")), *sorted((web / "modules").glob("*"))]
    return (
        *pages,
        *(_file(f"/{file.name}", file.read_bytes(), REVALIDATE) for file in unversioned),
        *(_file(f"{assets}/{name}", content, KEEP) for name, content in own.items()),
        *(_compressed(f"{assets}/{name}", content) for name, content in libraries.items()),
    )


def not_found_page(installation: Installation, web: Path = WEB) -> bytes:
    """Return what browsers show at a path where there is nothing."""
    assets = f"/assets/{_version({**_contents(web / 'assets'), **_library_files()})}"
    return _page(web / "errors" / "not-found.html", assets, web, installation).content


def static_imports(assets: Path, entry: PurePosixPath) -> tuple[str, ...]:
    """Return all modules that `entry` imports at once, directly or not, as paths below `assets`.

    Raises FileNotFoundError, which names the module that is missing.
    """
    modules: dict[str, None] = {}
    pending = [str(entry)]
    while pending:
        name = pending.pop()
        for imported in _IMPORT.findall((assets / name).read_text()):
            module = normpath(PurePosixPath(name).parent / imported)
            if module not in modules:
                modules[module] = None
                pending.append(module)
    return tuple(sorted(modules))


def _page(file: Path, assets: str, web: Path, installation: Installation) -> WebFile:
    """Fill a page in; it names what its script imports, so that browsers load all of it at once."""
    text = Template(file.read_text()).safe_substitute(_parts(web))
    preloads = [
        f'<link rel="modulepreload" href="{assets}/{name}">'
        for entry in _ENTRY.findall(text)
        for name in static_imports(web / "assets", PurePosixPath(entry))
    ]
    languages = _languages(web / "assets" / "strings")
    values = {
        "ASSETS": assets,
        "TIME_ZONE": installation.time_zone,
        "SIGN_IN_URL": html.escape(installation.sign_in_url),
        "WHITEBOARD_URL": html.escape(installation.whiteboard_url),
        "LANGUAGES": _for_scripts(languages),
        "NOT_LOADED": _in_each(languages, _NOT_LOADED),
        "NEEDS_SCRIPTS": _in_each(languages, _NEEDS_SCRIPTS),
        "PRELOADS": "\n    ".join(preloads),
    }
    return WebFile(
        path="/" if file.stem == FRONT_PAGE else f"/{file.stem}",
        content=Template(text).substitute(values).encode(),
        content_type=CONTENT_TYPES[file.suffix],
        cache_control=REVALIDATE,
    )


def _parts(web: Path) -> dict[str, str]:
    """Return what several pages have in common, by the name under which they have it: `${HEAD}` is parts/head.html."""
    return {file.stem.upper(): file.read_text().rstrip() for file in sorted((web / "parts").glob("*.html"))}


def _languages(strings: Path) -> list[dict[str, str]]:
    """Return what each file of strings says of its language: its code, and by name every `export const` of a text."""
    return [
        {"code": file.stem, **dict(_LANGUAGE_FACT.findall(file.read_text()))} for file in sorted(strings.glob("*.js"))
    ]


def _for_scripts(languages: Iterable[Mapping[str, str]]) -> str:
    facts = [{fact: language[fact] for fact in _FACTS_FOR_SCRIPTS} for language in languages]
    return html.escape(json.dumps(facts, ensure_ascii=False))


def _in_each(languages: Iterable[Mapping[str, str]], form: str) -> str:
    return "".join(
        form.format_map({fact: html.escape(text) for fact, text in language.items()}) for language in languages
    )


def _file(path: str, content: bytes, cache_control: str) -> WebFile:
    return WebFile(
        path=path,
        content=content,
        content_type=CONTENT_TYPES[PurePosixPath(path).suffix],
        cache_control=cache_control,
    )


def _compressed(path: str, content: bytes) -> WebFile:
    """Compress a large file once: the gateway would need tens of milliseconds each time. Every browser takes gzip."""
    return replace(_file(path, gzip.compress(content, mtime=0), KEEP), content_encoding="gzip")


def _version(assets: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, content in sorted(assets.items()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:_VERSION_CHARACTERS]


def _contents(folder: Path) -> dict[str, bytes]:
    paths = sorted(file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in paths}


def _library_files() -> dict[str, bytes]:
    static = files("swagger_ui") / "static"
    return {f"swagger-ui/{name}": (static / name).read_bytes() for name in SWAGGER_UI}
