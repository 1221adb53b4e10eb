"""Write Grafana's dashboard from the questions in development/dashboard."""

from __future__ import annotations

import argparse
import json
from typing import Final

from development.dashboard.grafana import dashboard
from development.dashboard.presence import PRESENCE
from development.dashboard.services import SERVICES
from development.environment import ROOT

FILE: Final = ROOT / "deploy" / "monitoring" / "grafana" / "dashboards" / "attendance.json"


def text() -> str:
    """Return the file."""
    return json.dumps(dashboard((*PRESENCE, *SERVICES)), indent=2) + "\n"


def main() -> None:
    """Write it."""
    argparse.ArgumentParser(prog="make dashboard", description=__doc__).parse_args()
    FILE.write_text(text())
    print(f"Wrote {FILE.relative_to(ROOT)}.")


if __name__ == "__main__":
    main()
