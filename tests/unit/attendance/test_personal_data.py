"""Which part of an evidence is about whom."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from attendance_service.domain.personal_data import CLASS_FIELDS, own_part
from attendance_service.wire.suggestions import REVEALING_FIELDS
from servicekit.identifiers import UserId

PEOPLE = st.lists(st.builds(lambda user: {"user_id": user, "name": f"name-{user}-"}, st.integers(1, 9)), max_size=5)
DOCUMENTS = st.builds(
    lambda students, guests: {"students": students, "guests": guests, **dict.fromkeys(CLASS_FIELDS, "class")},
    PEOPLE,
    PEOPLE,
)


@given(document=DOCUMENTS, user=st.integers(1, 9), is_tutor=st.booleans())
def test_nobody_else_is_in_the_part_of_a_person(*, document: dict[str, object], user: int, is_tutor: bool) -> None:
    part = str(own_part(document, UserId(user), is_tutor=is_tutor))
    assert [other for other in range(1, 10) if other != user and f"name-{other}-" in part] == []


@given(DOCUMENTS, st.integers(1, 9))
def test_of_a_class_only_the_tutor_gets_what_was_measured_for_all(document: dict[str, list[object]], user: int) -> None:
    is_class = len(document["students"]) > 1
    of_student = own_part(document, UserId(user), is_tutor=False)
    assert not (is_class and of_student.keys() & CLASS_FIELDS)
    assert own_part(document, UserId(user), is_tutor=True).keys() >= CLASS_FIELDS


def test_what_would_reveal_classmates_is_the_same_as_in_answers() -> None:
    assert frozenset(REVEALING_FIELDS) == CLASS_FIELDS
