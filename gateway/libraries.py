"""Files of packages that the pages need besides their own: Swagger UI, which shows the API's documentation."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

#: Of all that the package brings, what the page loads.
SWAGGER_UI: Final = ("swagger-ui-bundle.js", "swagger-ui.css")


def library_files() -> dict[str, bytes]:
    """Return the contents by their names below the assets."""
    static = files("swagger_ui") / "static"
    return {f"swagger-ui/{name}": (static / name).read_bytes() for name in SWAGGER_UI}
