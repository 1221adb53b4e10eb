"""Run `attendancectl` where it is not installed: `python -m attendancectl`."""

from __future__ import annotations

from attendancectl.app import main

if __name__ == "__main__":
    main()
