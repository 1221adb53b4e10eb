"""What the lock files pin, with the licence that each package declares."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_PIN = re.compile(r"^([a-z0-9.-]+)==(\S+) \\$", re.MULTILINE)
#: What looks like an SPDX identifier, and not like the text of a licence.
_IDENTIFIER = re.compile(r"[A-Za-z0-9.+-]+")
_CLASSIFIER = "License :: OSI Approved :: "
_NAMES_OF_LICENCES = {
    # By what a package may call them; the value is the SPDX identifier.
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
#: Packages whose metadata do not name their licence, or not exactly; this is what the text says that comes with them.
_READ_IN_ITS_TEXT = {
    "axe-playwright-python": "MIT",
    "defusedxml": "PSF-2.0",
    "grimp": "BSD-2-Clause",
    "import-linter": "BSD-2-Clause",
    "isoduration": "ISC",
    "psycopg2-binary": "LGPL-3.0-or-later",
    "shellingham": "ISC",
    "uvloop": "MIT OR Apache-2.0",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Package:
    """One package at the version that is pinned."""

    name: str
    version: str
    #: SPDX expression.
    licence: str


def pins(lock_file: str) -> Mapping[str, str]:
    """Return each Python package of a lock file with its version."""
    return dict(_PIN.findall((ROOT / lock_file).read_text()))


def python_packages(lock_file: str) -> tuple[Package, ...]:
    """Return the packages of a lock file, which have to be installed; PackageNotFoundError."""
    return tuple(
        Package(name=name, version=version, licence=_licence(name)) for name, version in sorted(pins(lock_file).items())
    )


def npm_packages() -> tuple[Package, ...]:
    """Return the npm packages that are pinned."""
    content: dict[str, Any] = json.loads((ROOT / "package-lock.json").read_text())
    return tuple(
        Package(name=path.removeprefix("node_modules/"), version=one["version"], licence=one["license"])
        for path, one in sorted(content["packages"].items())
        if path
    )


def _licence(name: str) -> str:
    """Return what a package declares: as an expression, as a classifier, or in words."""
    if name in _READ_IN_ITS_TEXT:
        return _READ_IN_ITS_TEXT[name]
    described: Any = distribution(name).metadata  # its type lacks what all implementations have
    if expression := described.get("License-Expression"):
        return str(expression)
    classifiers = [one.removeprefix(_CLASSIFIER) for one in described.get_all("Classifier", []) if _CLASSIFIER in one]
    stated = [str(described.get("License", "")), *classifiers]
    known = [_NAMES_OF_LICENCES.get(words, words) for words in stated]
    named: list[str] = [words for words in known if _IDENTIFIER.fullmatch(words)]
    if not named:
        raise ValueError(f"{name} does not name its licence: read its text, and add it to _READ_IN_ITS_TEXT")
    return named[0]
