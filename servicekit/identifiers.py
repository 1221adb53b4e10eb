"""Ids as types, so that the type checker finds where they are mixed up (docs/glossary.md)."""

from __future__ import annotations

from typing import NewType
from uuid import UUID

#: users.id
UserId = NewType("UserId", int)
#: whiteboard_sessions.id: `{id}` in /api/whiteboard/sessions/{id}/...
WhiteboardSessionId = NewType("WhiteboardSessionId", int)
#: sessions.id: `{id}` in /api/tutor/sessions/{id}/...
TutoringSessionId = NewType("TutoringSessionId", int)
#: student_profiles.id, and not the student's users.id
StudentProfileId = NewType("StudentProfileId", int)
#: heartbeat_streams.stream_id
StreamId = NewType("StreamId", UUID)
#: observation_coverage.replica_id: one process of the tracking service
ReplicaId = NewType("ReplicaId", UUID)
#: courses.id
CourseId = NewType("CourseId", int)

#: The largest INTEGER of PostgreSQL, the type of ids in the schema.
MAX_ID = 2**31 - 1
