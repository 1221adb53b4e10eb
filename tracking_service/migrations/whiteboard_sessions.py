"""The platform's table of whiteboard sessions, with the documented connection fields."""

from __future__ import annotations

from servicekit.database.migration.target import (
    INTEGER,
    INTEGER_ARRAY,
    INTEGERS,
    NAIVE_TIME,
    PADDED_TEXT,
    TEXTS,
    ZONED_TIME,
    IfMissing,
    TargetColumn,
    TargetIndex,
    TargetTable,
    documented_timestamp,
)

#: Of a page only this share is filled, in percent, so that new versions of its rows find room beside the old ones (HOT
#: update). A row grows from 100 to 400 bytes with the entries of its log. In fuller pages every other person who
#: connects moves it to another page, which changes two indexes. The table ends up as large.
FILLFACTOR = 25

_PLATFORM_COLUMNS = (
    TargetColumn(name="id", type="SERIAL", constraint="PRIMARY KEY", accepts=INTEGER, if_missing=IfMissing.REFUSE),
    TargetColumn(name="tutor_id", type="INTEGER", constraint="NOT NULL", accepts=INTEGER, if_missing=IfMissing.REFUSE),
    TargetColumn(
        name="student_id",
        type="INTEGER[]",
        constraint="NOT NULL",
        default="'{}'",
        accepts=INTEGER | INTEGER_ARRAY,
        if_missing=IfMissing.REFUSE,
    ),
    TargetColumn(name="title", type="TEXT", accepts=TEXTS | PADDED_TEXT),
    TargetColumn(name="scheduled_start", type="TIMESTAMPTZ", accepts=ZONED_TIME | NAIVE_TIME),
    TargetColumn(name="scheduled_end", type="TIMESTAMPTZ", accepts=ZONED_TIME | NAIVE_TIME),
    TargetColumn(name="status", type="VARCHAR(20)", default="'scheduled'", accepts=TEXTS | PADDED_TEXT),
    TargetColumn(
        name="created_at",
        type="TIMESTAMPTZ",
        default="now()",
        accepts=ZONED_TIME | NAIVE_TIME,
        if_missing=IfMissing.LEAVE_OUT,
    ),
)


def _connection_columns(role: str) -> tuple[TargetColumn, ...]:
    return (
        documented_timestamp(f"{role}_connected_at"),
        documented_timestamp(f"{role}_disconnected_at"),
        documented_timestamp(f"{role}_last_activity_at"),
        TargetColumn(
            name=f"{role}_total_active_seconds", type="INTEGER", default="0", accepts=INTEGERS, documented=True
        ),
    )


_CONNECTION_LOGS = TargetColumn(
    name="connection_logs",
    type="JSONB",
    default="'[]'::jsonb",
    accepts=frozenset({"jsonb"}),
    converts=frozenset({"json"}),
    documented=True,
)
_DOCUMENTED_COLUMNS = (*_connection_columns("tutor"), *_connection_columns("student"), _CONNECTION_LOGS)

#: The columns that this service writes: the documented nine.
TRACKING_COLUMNS = tuple(column.name for column in _DOCUMENTED_COLUMNS)
#: Those of them that change with heartbeats; a first connect does not come often.
_CHANGING_COLUMNS = frozenset(name for name in TRACKING_COLUMNS if not name.endswith("_connected_at"))

WHITEBOARD_SESSIONS = TargetTable(
    name="whiteboard_sessions",
    columns=(*_PLATFORM_COLUMNS, *_DOCUMENTED_COLUMNS),
    fillfactor=FILLFACTOR,
    unindexed=_CHANGING_COLUMNS,
    indexes=(TargetIndex(columns=("tutor_id",), purpose="the report of one tutor's whiteboard engagement"),),
)
