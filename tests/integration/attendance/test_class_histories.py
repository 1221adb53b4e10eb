"""Any sequence of decisions about a class leaves what a plain model of the rules says."""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from grpc import aio

from astegni.attendance.v1 import attendance_pb2 as pb
from testkit.grpc_errors import reason
from testkit.pytest_plugins.thorough import thoroughly
from tests.integration.attendance.classes import DAWIT, OTHER, SARA, mark
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import ADMIN, OTHER_PARENT, PARENT, TUTOR, Platform

STEPS = thoroughly(15, thorough=60)
WORDS = {"present": pb.present, "late": pb.late, "absent": pb.absent}
#: What the facts of `class_` suggest.
SUGGESTED = {DAWIT: "present", SARA: "late", OTHER: "absent"}
UNMARKED = "system_default"


@dataclass(frozen=True, kw_only=True)
class Decider:
    """A person who decides."""

    name: str
    client: Client
    source: str
    #: The students on whom they may decide.
    students: tuple[int, ...] = (DAWIT, SARA, OTHER)

    @property
    def is_admin(self) -> bool:
        return self.source == "admin_override"

    @property
    def is_parent(self) -> bool:
        return self.source == "parent_reported"


@dataclass(frozen=True, kw_only=True)
class Person:
    """What stands about one person."""

    status: str | None = None
    source: str = UNMARKED
    by_admin: bool = False
    excused: bool = False


@dataclass(frozen=True, kw_only=True)
class Model:
    """What stands about a class."""

    tutor: Person = Person()
    students: dict[int, Person] = field(default_factory=lambda: dict.fromkeys((DAWIT, SARA, OTHER), Person()))

    def decided(self, changes: dict[int, str], by: Decider, *, accepts: bool = False, excuses: bool = False) -> Model:
        source = "whiteboard_auto" if accepts else by.source
        changed = {
            student: Person(
                status=status,
                source=source,
                by_admin=by.is_admin,
                excused=status == "absent" and (excuses or self.students[student].excused),
            )
            for student, status in changes.items()
        }
        tutor = Person(status="present", source=source, by_admin=by.is_admin) if accepts else self.tutor
        return replace(self, tutor=tutor, students=self.students | changed)

    def refusal(self, changes: Collection[int], by: Decider, *, accepts: bool = False, excuses: bool = False) -> str:
        """Return why a decision is refused; empty: it is not."""
        if by.is_parent and excuses:
            return "PARENTS_DO_NOT_EXCUSE"
        if by.is_parent and accepts:
            return "PARENTS_REPORT_THEIR_CHILD"
        is_admins = any(self.students[student].by_admin for student in changes) or (accepts and self.tutor.by_admin)
        return "ADMIN_DECIDED" if is_admins and not by.is_admin else ""

    def withdrawn(self, named: Collection[int], by: Decider) -> tuple[Model, str]:
        """Return what is left, and why it is refused; empty: it is not."""
        students = [it for it in named or by.students if self.students[it].source != UNMARKED]
        tutor = not named and not by.is_parent and self.tutor.source != UNMARKED
        if not students and not tutor:
            return self, "NOTHING_TO_WITHDRAW"
        if not by.is_admin:
            students = [it for it in students if not self.students[it].by_admin]
            tutor = tutor and not self.tutor.by_admin
            if not students and not tutor:
                return self, "ADMIN_DECIDED"
        if by.is_parent:
            students = [it for it in students if self.students[it].source == by.source]
            if not students:
                return self, "NOT_YOUR_DECISION"
        left = self.students | dict.fromkeys(students, Person())
        return Model(tutor=Person() if tutor else self.tutor, students=left), ""

    @property
    def statuses(self) -> list[str]:
        return [person.status for person in self.students.values() if person.status is not None]


@pytest.fixture
def deciders(channel: aio.Channel) -> list[Decider]:
    return [
        Decider(name="tutor", client=Client(channel, TUTOR, "tutor"), source="manual"),
        Decider(name="admin", client=Client(channel, ADMIN, "admin"), source="admin_override"),
        Decider(
            name="parent",
            client=Client(channel, PARENT, "parent"),
            source="parent_reported",
            students=(DAWIT, SARA),
        ),
        Decider(
            name="other parent",
            client=Client(channel, OTHER_PARENT, "parent"),
            source="parent_reported",
            students=(OTHER,),
        ),
    ]


async def refused(client: Client, method: str, **fields: Any) -> str:  # noqa: ANN401
    """Call, and return why it is refused; empty: it is not."""
    try:
        await client.report(method, **fields)
    except aio.AioRpcError as error:
        return reason(error)
    return ""


async def step(model: Model, by: Decider, class_: int, dice: random.Random) -> Model:
    """Let a person do something, and return what stands then."""
    chosen = dice.sample(by.students, dice.randint(1, len(by.students)))
    status = dice.choice(list(WORDS))
    kind = dice.choice(["students", "students", "class", "suggestion", "excuse", "withdraw", "withdraw some"])
    if kind.startswith("withdraw"):
        named = chosen if kind == "withdraw some" else []
        after, expected = model.withdrawn(named, by)
        answer = await refused(by.client, "WithdrawDecision", session_id=class_, student_ids=named)
    else:
        changes = {
            "students": dict.fromkeys(chosen, status),
            "class": dict.fromkeys(by.students, status),
            "suggestion": {student: SUGGESTED[student] for student in by.students},
            "excuse": dict.fromkeys(chosen, "absent"),
        }[kind]
        named_marks = [mark(it, WORDS[changes[it]], excused=True if kind == "excuse" else None) for it in chosen]
        fields: dict[str, dict[str, Any]] = {
            "class": {"student_attendance_status": WORDS[status]},
            "suggestion": {"use_suggestion": True},
        }
        options = {"accepts": kind == "suggestion", "excuses": kind == "excuse"}
        expected = model.refusal(changes, by, **options)
        after = model.decided(changes, by, **options)
        answer = await refused(
            by.client, "MarkAttendance", session_id=class_, **fields.get(kind, {"students": named_marks})
        )
    assert answer == expected, (by.name, kind, chosen, status, model)
    return model if expected else after


def seen(card: pb.Session) -> dict[int, tuple[str, str, bool]]:
    return {it.student_id: (it.attendance_status, it.attendance_source, it.excused) for it in card.students}


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.thorough) for seed in range(2, 10))])
async def test_what_stands_is_what_the_rules_say(
    deciders: list[Decider], platform: Platform, class_: int, seed: int
) -> None:
    dice = random.Random(seed)
    model, tutor = Model(), deciders[0].client
    for _ in range(STEPS):
        model = await step(model, dice.choice(deciders), class_, dice)
        card = await tutor.session(class_)
        assert seen(card) == {it: (one.status or "", one.source, one.excused) for it, one in model.students.items()}
        is_marked = bool(model.statuses) or model.tutor.source != UNMARKED
        of_class = next((word for word in WORDS if word in model.statuses), "present")
        stored = platform.stored(class_, "student_attendance_status", "attendance_marked_by IS NOT NULL")
        assert stored == (of_class, is_marked)
        assert (card.attendance_source != UNMARKED, card.tutor_attendance_source) == (is_marked, model.tutor.source)
        assert card.undecided_students == len(model.students) - len(model.statuses)
        for word in ("unmarked", *WORDS):
            found = await tutor.session_ids(attendance_filter=word)
            expected = (
                card.undecided_students > 0 if word == "unmarked" else word in (*model.statuses, model.tutor.status)
            )
            assert (found == [class_]) == expected, (word, model)
