"""What a page's script imports at once, so that the page can name it and browsers fetch all of it together."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import Final

#: `import … from "./name.js"` and `export … from "./name.js"`; not `import("./name.js")`, which is for later.
_IMPORT: Final = re.compile(r'^(?:import|export|\})[^"\n;]*"(\.{1,2}/[^"]+)"', re.MULTILINE)


def static_imports(assets: Path, entry: PurePosixPath) -> tuple[str, ...]:
    """Return all that `entry` imports, as paths below `assets`; FileNotFoundError names what is missing."""
    found: dict[str, None] = {}
    waiting = [str(entry)]
    while waiting:
        name = waiting.pop()
        for imported in _IMPORT.findall((assets / name).read_text()):
            module = normpath(PurePosixPath(name).parent / imported)
            if module not in found:
                found[module] = None
                waiting.append(module)
    return tuple(sorted(found))
