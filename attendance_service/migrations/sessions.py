"""The platform's table of tutoring sessions, with the documented attendance fields."""

from __future__ import annotations

from servicekit.database.migration.target import (
    DATE,
    INTEGER,
    NAIVE_TIME,
    PADDED_TEXT,
    TEXTS,
    TIME_OF_DAY,
    ZONED_TIME,
    IfMissing,
    TargetColumn,
    TargetIndex,
    TargetTable,
    documented_timestamp,
)

#: The documented widths of the columns.
STATUS_LENGTH = 20
SOURCE_LENGTH = 30

_PLATFORM_COLUMNS = (
    TargetColumn(name="id", type="SERIAL", constraint="PRIMARY KEY", accepts=INTEGER, if_missing=IfMissing.REFUSE),
    TargetColumn(
        name="enrolled_courses_id",
        type="INTEGER",
        constraint="REFERENCES enrolled_courses (id)",
        accepts=INTEGER,
        if_missing=IfMissing.REFUSE,
    ),
    TargetColumn(
        name="whiteboard_id", type="INTEGER", constraint="REFERENCES whiteboard_sessions (id)", accepts=INTEGER
    ),
    TargetColumn(name="session_date", type="DATE", accepts=DATE, if_missing=IfMissing.REFUSE),
    TargetColumn(name="start_time", type="TIME", accepts=TIME_OF_DAY, if_missing=IfMissing.REFUSE),
    TargetColumn(name="end_time", type="TIME", accepts=TIME_OF_DAY, if_missing=IfMissing.REFUSE),
    TargetColumn(
        name="status",
        type="VARCHAR(20)",
        default="'scheduled'",
        accepts=TEXTS | PADDED_TEXT,
        if_missing=IfMissing.REFUSE,
    ),
    TargetColumn(
        name="created_at",
        type="TIMESTAMPTZ",
        default="now()",
        accepts=ZONED_TIME | NAIVE_TIME,
        if_missing=IfMissing.LEAVE_OUT,
    ),
)


def _word(name: str, length: int, default: str) -> TargetColumn:
    return TargetColumn(
        name=name,
        type=f"VARCHAR({length})",
        default=f"'{default}'",
        accepts=TEXTS,
        converts=PADDED_TEXT,
        size=length,
        documented=True,
    )


_DOCUMENTED_COLUMNS = (
    _word("tutor_attendance_status", STATUS_LENGTH, "present"),
    _word("student_attendance_status", STATUS_LENGTH, "present"),
    TargetColumn(
        name="attendance_marked_by",
        type="INTEGER",
        constraint="REFERENCES users (id)",
        accepts=INTEGER,
        documented=True,
    ),
    documented_timestamp("attendance_marked_at"),
    _word("attendance_source", SOURCE_LENGTH, "system_default"),
    TargetColumn(name="attendance_notes", type="TEXT", accepts=TEXTS, documented=True),
)

#: The columns that this service writes: both statuses, who marked them and when, the source, and the notes.
ATTENDANCE_COLUMNS = tuple(column.name for column in _DOCUMENTED_COLUMNS)

SESSIONS = TargetTable(
    name="sessions",
    columns=(*_PLATFORM_COLUMNS, *_DOCUMENTED_COLUMNS),
    indexes=(TargetIndex(columns=("enrolled_courses_id",), purpose="the sessions of one tutor or student"),),
)
