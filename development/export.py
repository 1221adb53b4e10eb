"""Export what both services have recorded about one person, as one JSON object (ARGS="--user 205").

The database is DATABASE_URL, else the one that `make up` runs. The platform's own tables are not in it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

from development.environment import ROOT, DevelopmentSettings, read_dotenv, running_database
from servicekit.personal_data.command import user_argument
from servicekit.settings import load

_SERVICES = ("tracking_service", "attendance_service")


def main() -> None:
    """Print the object, or end with the status of the service that could not export."""
    user_id = user_argument("make export", __doc__ or "", "It reads only.")
    read_dotenv()
    environment = {**os.environ, "DATABASE_URL": running_database(load(DevelopmentSettings))}
    exported: dict[str, object] = {"user_id": user_id}
    for service in _SERVICES:
        command = [sys.executable, "-m", f"{service}.export", "--user", str(user_id)]
        done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=False)
        if done.returncode != 0:
            sys.exit(done.returncode)
        exported[service] = json.loads(done.stdout)
    json.dump(exported, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
