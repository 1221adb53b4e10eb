"""Ids as types, so that a type checker refuses to mix them up (DESIGN 3)."""

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
#: courses.id
CourseId = NewType("CourseId", int)

#: The schema's INTEGER.
MAX_ID = 2**31 - 1
