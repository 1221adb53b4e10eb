"""Write docs/licences.md and sbom.json."""

from __future__ import annotations

from development.dependencies.bill_of_materials import BILL, rendered
from development.dependencies.licences import DOCUMENT, document


def main() -> None:
    """Write both and print where they are."""
    DOCUMENT.write_text(document())
    BILL.write_text(rendered())
    print(DOCUMENT, BILL, sep="\n")


if __name__ == "__main__":
    main()
