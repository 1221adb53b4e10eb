"""Reading inboxes; every statement is put together from constants alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping, TextClause, text
from sqlalchemy.engine import Connection

from attendance_service.domain.absence_notices import RecordedNotice
from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.claims import RecordedClaim
from attendance_service.domain.inbox import InboxItem, InboxKind, InboxPosition, InboxQuery, ParentsWord
from attendance_service.domain.listing import Page
from attendance_service.domain.session import Student, TutoringSession
from attendance_service.store.claims import CLAIMS, claim_of
from attendance_service.store.executor import DatabaseExecutor
from attendance_service.store.session_flags import MOVED_SINCE_WORD, PARENTS_WORDS, SAME_TIME_AS_NOTICE
from attendance_service.store.sessions import SessionStore
from attendance_service.store.sources import BEGINS_AT
from attendance_service.store.visibility import SESSION_VISIBLE, STUDENT_NAME, STUDENT_VISIBLE
from servicekit.identifiers import StudentProfileId, TutoringSessionId

_NOT_CANCELLED = "lower(btrim(s.status)) IS DISTINCT FROM 'cancelled'"

#: Claims that the caller can answer.
_OPEN_CLAIMS = """
SELECT 'claim' AS kind, claim.raised_at AS happened_at, CAST(claim.id AS bigint) AS identifier, claim.student_id,
       claim.session_id
FROM attendance_claims AS claim
JOIN sessions AS s ON s.id = claim.session_id
WHERE {session_visible}
  AND NOT EXISTS (SELECT FROM attendance_claim_answers AS answer WHERE answer.claim_id = claim.id)
"""

#: Parents' words that stand in the place of what a tutor or admin decided.
_WORDS = f"""
SELECT 'parents_word' AS kind, decision.decided_at AS happened_at, decision.id AS identifier, about.student_id,
       about.session_id
FROM {PARENTS_WORDS}
  AND EXISTS (
      SELECT FROM sessions AS s
      WHERE s.id = about.session_id AND {{session_visible}} AND {_NOT_CANCELLED} AND NOT {MOVED_SINCE_WORD})
"""  # noqa: S608 - constants

#: Absences from lessons to come that others announced.
_ABSENCES = f"""
SELECT 'absence_notice' AS kind, notice.announced_at AS happened_at, CAST(notice.id AS bigint) AS identifier,
       COALESCE(notice.student_id, 0) AS student_id, notice.session_id
FROM absence_notices AS notice
JOIN sessions AS s ON s.id = notice.session_id AND {SAME_TIME_AS_NOTICE.format(notice="notice")}
LEFT JOIN student_profiles AS student ON student.id = notice.student_id
WHERE {{session_visible}} AND (notice.student_id IS NULL OR {{student_visible}}) AND {_NOT_CANCELLED}
  AND NOT notice.withdrawn AND notice.announced_by <> :caller AND COALESCE({BEGINS_AT} > now(), TRUE)
  AND NOT EXISTS (
      SELECT FROM absence_notices AS later
      WHERE later.session_id = notice.session_id AND later.student_id IS NOT DISTINCT FROM notice.student_id
        AND later.id > notice.id AND {SAME_TIME_AS_NOTICE.format(notice="later")})
"""  # noqa: S608 - constants

#: What each role has in its inbox: only tutors and admins answer claims, and decide after a parent's word.
_KINDS = {
    CallerRole.TUTOR: tuple(InboxKind),
    CallerRole.STUDENT: (InboxKind.ABSENCE_NOTICE,),
    CallerRole.PARENT: (InboxKind.ABSENCE_NOTICE,),
    CallerRole.ADMIN: tuple(InboxKind),
}
_ITEMS = {InboxKind.CLAIM: _OPEN_CLAIMS, InboxKind.PARENTS_WORD: _WORDS, InboxKind.ABSENCE_NOTICE: _ABSENCES}

_ORDER = "happened_at {direction}, kind {direction}, identifier {direction}, student_id {direction}"
_PAGE_OF_KIND = f"""(SELECT * FROM ({{items}}) AS items
WHERE CAST(:after_time AS timestamptz) IS NULL OR (happened_at, kind, identifier, student_id) {{after}}
    (CAST(:after_time AS timestamptz), CAST(:after_kind AS text), CAST(:after_id AS bigint),
     CAST(:after_student AS integer))
ORDER BY {_ORDER}
LIMIT :page_size)"""  # noqa: S608 - constants

_CLAIMS_BY_ID = text(f"{CLAIMS} WHERE claim.id = ANY (CAST(:ids AS integer[]))")
_WORDS_BY_ID = text(f"""
SELECT word.*, student.user_id, {STUDENT_NAME} AS name,
       btrim(concat_ws(' ', reporter.first_name, reporter.father_name)) AS reported_by_name
FROM (SELECT decision.id, about.student_id, replaced.status_before, about.status_after, decision.decided_by
      FROM {PARENTS_WORDS} AND decision.id = ANY (CAST(:ids AS bigint[]))) AS word
LEFT JOIN student_profiles AS student ON student.id = word.student_id
LEFT JOIN users AS student_user ON student_user.id = student.user_id
LEFT JOIN users AS reporter ON reporter.id = word.decided_by
""")  # noqa: S608 - constants
_NOTICES_BY_ID = text(f"""
SELECT notice.id, notice.session_id, notice.student_id, student.user_id, {STUDENT_NAME} AS name, notice.reason,
       notice.announced_by, notice.announced_by_role, notice.announced_at,
       btrim(concat_ws(' ', announcer.first_name, announcer.father_name)) AS announced_by_name
FROM absence_notices AS notice
LEFT JOIN student_profiles AS student ON student.id = notice.student_id
LEFT JOIN users AS student_user ON student_user.id = student.user_id
LEFT JOIN users AS announcer ON announcer.id = notice.announced_by
WHERE notice.id = ANY (CAST(:ids AS integer[]))
""")  # noqa: S608 - constants

#: Kind, id and student of an item.
_Key = tuple[InboxKind, int, int]
_Content = RecordedClaim | ParentsWord | RecordedNotice


class InboxStore:
    """Reads what is new to a caller."""

    def __init__(self, executor: DatabaseExecutor, sessions: SessionStore, zone: ZoneInfo) -> None:
        """Nothing is read yet; `zone` is the session time zone."""
        self._executor = executor
        self._sessions = sessions
        self._zone = zone

    async def page(self, query: InboxQuery, caller: Caller) -> Page[InboxItem, InboxPosition]:
        """Return the caller's items that match."""
        if not _kinds(query, caller.role):
            return Page((), None)

        def items_in(connection: Connection) -> list[InboxItem]:
            parameters = inbox_parameters(query, caller, self._zone)
            rows = connection.execute(page_of_inbox(query, caller.role), parameters).mappings().all()
            sessions = self._sessions_in(connection, rows, caller)
            contents = _contents(connection, rows, sessions)
            return [
                InboxItem(
                    position=_position(row),
                    session=sessions[TutoringSessionId(row["session_id"])],
                    about=contents[_key(row)],
                )
                for row in rows
            ]

        return query.page.page(await self._executor.read(items_in), lambda item: item.position)

    def _sessions_in(
        self, connection: Connection, rows: Sequence[RowMapping], caller: Caller
    ) -> dict[TutoringSessionId, TutoringSession]:
        session_ids = {TutoringSessionId(row["session_id"]) for row in rows}
        return {session.id: session for session in self._sessions.many_in(connection, session_ids, caller)}


def page_of_inbox(query: InboxQuery, role: CallerRole) -> TextClause:
    """Return the statement that finds one page of what is new to `:caller` in this role."""
    kinds = (
        _ITEMS[kind].format(session_visible=SESSION_VISIBLE[role], student_visible=STUDENT_VISIBLE[role])
        for kind in _kinds(query, role)
    )
    direction, after = ("ASC", ">") if query.oldest_first else ("DESC", "<")
    pages = " UNION ALL ".join(_PAGE_OF_KIND.format(items=items, after=after, direction=direction) for items in kinds)
    order = _ORDER.format(direction=direction)
    return text(f"SELECT * FROM ({pages}) AS items ORDER BY {order} LIMIT :page_size")  # noqa: S608


def inbox_parameters(query: InboxQuery, caller: Caller, zone: ZoneInfo) -> dict[str, Any]:
    """Return the parameters of `page_of_inbox`."""
    after = query.page.after
    return {
        "caller": caller.user_id,
        "zone": zone.key,
        "after_time": after and after.happened_at,
        "after_kind": after and after.kind,
        "after_id": after and after.identifier,
        "after_student": after and after.student_id,
        "page_size": query.page.fetch_size,
    }


def _kinds(query: InboxQuery, role: CallerRole) -> list[InboxKind]:
    return [kind for kind in _KINDS[role] if query.kind in {None, kind}]


def _key(row: RowMapping) -> _Key:
    return InboxKind(row["kind"]), row["identifier"], row["student_id"]


def _position(row: RowMapping) -> InboxPosition:
    kind, identifier, student_id = _key(row)
    return InboxPosition(happened_at=row["happened_at"], kind=kind, identifier=identifier, student_id=student_id)


def _contents(
    connection: Connection, rows: Sequence[RowMapping], sessions: Mapping[TutoringSessionId, TutoringSession]
) -> dict[_Key, _Content]:
    """Return what each item is about."""

    def details(kind: InboxKind, statement: TextClause) -> Sequence[RowMapping]:
        ids = [row["identifier"] for row in rows if row["kind"] == kind]
        return connection.execute(statement, {"ids": ids}).mappings().all() if ids else ()

    contents: dict[_Key, _Content] = {}
    for row in details(InboxKind.CLAIM, _CLAIMS_BY_ID):
        contents[InboxKind.CLAIM, row["id"], row["student_id"]] = claim_of(row)
    for row in details(InboxKind.PARENTS_WORD, _WORDS_BY_ID):
        contents[InboxKind.PARENTS_WORD, row["id"], row["student_id"]] = _word(row)
    for row in details(InboxKind.ABSENCE_NOTICE, _NOTICES_BY_ID):
        contents[InboxKind.ABSENCE_NOTICE, row["id"], row["student_id"] or 0] = _notice(row, sessions)
    return contents


def _word(row: RowMapping) -> ParentsWord:
    return ParentsWord(
        student=_student(row),
        decision_id=row["id"],
        status_before=row["status_before"],
        status_after=row["status_after"],
        reported_by=row["decided_by"],
        reported_by_name=row["reported_by_name"],
    )


def _notice(row: RowMapping, sessions: Mapping[TutoringSessionId, TutoringSession]) -> RecordedNotice:
    session_id = TutoringSessionId(row["session_id"])
    student = None if row["student_id"] is None else _student(row)
    return RecordedNotice(
        id=row["id"],
        session_id=session_id,
        student=student,
        name=sessions[session_id].tutor_name if student is None else student.name,
        reason=row["reason"],
        withdrawn=False,
        announced_by=row["announced_by"],
        announced_by_name=row["announced_by_name"],
        announced_by_role=row["announced_by_role"],
        announced_at=row["announced_at"],
    )


def _student(row: RowMapping) -> Student:
    return Student(id=StudentProfileId(row["student_id"]), user_id=row["user_id"], name=row["name"])
