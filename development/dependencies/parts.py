"""What is delivered besides packages: images, and what is copied into the pages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from development.dependencies.locked import ROOT

_FROM = re.compile(r"^ARG [A-Z]+_IMAGE=([a-z/]+):(\S+)$", re.MULTILINE)
_IMAGE = re.compile(r"^    image: \$\{[A-Z]+_IMAGE:-([a-z/]+):(\S+)\}$", re.MULTILINE)
#: What is in each image, by the name of the image.
_IMAGE_LICENCES = {"python": "PSF-2.0", "postgres": "PostgreSQL", "envoyproxy/envoy": "Apache-2.0"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One thing that is not in a lock file."""

    name: str
    #: Empty: it has none.
    version: str
    licence: str
    kind: Literal["container", "data"]
    where: str


def parts() -> tuple[Part, ...]:
    """Return the images that containers are made of, and the fonts."""
    images = tuple(
        Part(name=name, version=version, licence=_IMAGE_LICENCES[name], kind="container", where=file)
        for file, pattern in (("Dockerfile", _FROM), ("docker-compose.yml", _IMAGE))
        for name, version in sorted(set(pattern.findall((ROOT / file).read_text())))
    )
    return (*images, NOTO_SANS_ETHIOPIC)


NOTO_SANS_ETHIOPIC = Part(
    name="Noto Sans Ethiopic", version="", licence="OFL-1.1", kind="data", where="gateway/web/assets/fonts/"
)
