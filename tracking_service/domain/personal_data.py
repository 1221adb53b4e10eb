"""Which columns of this service's tables can name a person, and whom a log entry is about."""

from __future__ import annotations

from collections.abc import Sequence

from servicekit.identifiers import UserId
from servicekit.personal_data.columns import Columns, Names, of_nobody

#: Every column that this service writes. A test compares this with the database.
COLUMNS: Columns = {
    "whiteboard_sessions": {
        **of_nobody("tutor_connected_at tutor_disconnected_at tutor_last_activity_at tutor_total_active_seconds"),
        **of_nobody("student_connected_at student_disconnected_at student_last_activity_at"),
        **of_nobody("student_total_active_seconds"),
        "connection_logs": Names.DOCUMENT,
    },
    "presence_intervals": {
        "user_id": Names.USER,
        # Ids that pages make up for their connections.
        "connections": Names.TEXT,
        "sole_connection_id": Names.TEXT,
        **of_nobody("whiteboard_session_id user_type started_at ended_at last_sign_at end_reason"),
        # Of a relay, which speaks for many.
        **of_nobody("preceding_active_microseconds stream_id"),
    },
    "connection_events": {
        "user_id": Names.USER,
        "connection_id": Names.TEXT,
        **of_nobody("whiteboard_session_id user_type occurred_at event recorded_at"),
    },
    "activity_periods": {
        "user_id": Names.USER,
        **of_nobody("whiteboard_session_id user_type activity_type period_start first_at occurrences"),
    },
    "heartbeat_streams": {
        "owner": Names.OWNER,
        **of_nobody("stream_id epoch committed_sequence opened_at last_used_at last_committed_at"),
    },
    "expired_relay_streams": of_nobody("stream_id opened_at last_committed_at"),
    "observation_coverage": of_nobody("replica_id started_at observed_until"),
    "relay_observation_gaps": of_nobody("stream_id sequence started_at ended_at whiteboard_session_ids recorded_at"),
    "relay_coverage": {
        "owner": Names.OWNER,
        **of_nobody("stream_id observing_since observed_until"),
    },
    "relay_sessions": of_nobody("whiteboard_session_id stream_id"),
    "relay_clock_offsets": of_nobody("stream_id since offset_microseconds"),
    "journal_writers": of_nobody("writer_id last_record last_appended_at"),
    "presence_journal": {
        "payload": Names.RECORDS,
        **of_nobody("hour bucket writer_id record"),
    },
    "session_groups": of_nobody("session_group positions folded_at"),
    "membership_changes": of_nobody("changed_in whiteboard_session_id changed_at"),
    "deleted_facts": of_nobody("whiteboard_session_id deleted_until"),
    "tracking_retention_walks": of_nobody("task walked_to finished_at"),
    "whiteboard_attendance_status_archive": of_nobody("whiteboard_session_id attendance_status archived_at"),
}


def entries_about(entries: Sequence[object], user_id: UserId) -> list[object]:
    """Return the entries of a connection log that are about one user."""
    return [entry for entry in entries if isinstance(entry, dict) and entry.get("user_id") == user_id]
