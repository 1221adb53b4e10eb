"""Print what both services have recorded about one person."""

from __future__ import annotations

from attendance_service import export as attendance
from attendancectl.options import User
from attendancectl.output import print_json
from tracking_service import export as tracking

EXAMPLE = "attendancectl export --user 205 > user-205.json"


def run(*, user: User) -> None:
    """Print what both services have recorded about one person, as one JSON object by service and table.

    It reads only. The platform's own tables are not in it. docs/operations.md#export says what is left out.
    """
    rows = {"tracking_service": tracking.exported(user), "attendance_service": attendance.exported(user)}
    print_json({"user_id": user, **rows})
