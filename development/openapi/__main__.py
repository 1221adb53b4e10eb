"""Generate the OpenAPI document of the REST API from the compiled protos and the examples."""

from __future__ import annotations

import argparse

from development.openapi.document import DOCUMENT, rendered


def main() -> None:
    """Replace the document and print its path."""
    argparse.ArgumentParser(prog="python -m development.openapi", description=__doc__).parse_args()
    DOCUMENT.write_text(rendered(), encoding="utf-8")
    print(DOCUMENT)


if __name__ == "__main__":
    main()
