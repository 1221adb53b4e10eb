"""Who takes part in the demo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["tutor", "student", "parent", "admin"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """A user in the role that the demo knows them by."""

    #: users.id
    user_id: int
    first_name: str
    father_name: str
    role: Role
    #: Id in tutor_profiles, student_profiles or parent_profiles; an admin has none.
    profile_id: int | None = None
    #: For a parent: student_profiles.id of the children.
    children: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """First name and father's name, as the platform shows them."""
        return f"{self.first_name} {self.father_name}"

    @property
    def username(self) -> str:
        """The profile's username."""
        return f"{self.role}.{self.user_id}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Enrolment:
    """A course that students take with a tutor (enrolled_courses)."""

    enrolment_id: int
    course: str
    #: Ids of users, not of profiles.
    tutor: int
    students: tuple[int, ...]


PEOPLE = (
    Person(user_id=101, first_name="Abebe", father_name="Kebede", role="tutor", profile_id=1),
    Person(user_id=102, first_name="Hanna", father_name="Tesfaye", role="tutor", profile_id=2),
    Person(user_id=103, first_name="Dawit", father_name="Bekele", role="tutor", profile_id=3),
    Person(user_id=201, first_name="Sara", father_name="Alemu", role="student", profile_id=28),
    Person(user_id=202, first_name="Yonas", father_name="Girma", role="student", profile_id=29),
    Person(user_id=203, first_name="Meron", father_name="Haile", role="student", profile_id=30),
    Person(user_id=204, first_name="Liya", father_name="Tadesse", role="student", profile_id=31),
    Person(user_id=205, first_name="Bethlehem", father_name="Wolde", role="student", profile_id=32),
    Person(user_id=206, first_name="Samuel", father_name="Desta", role="student", profile_id=33),
    Person(user_id=207, first_name="Eden", father_name="Haile", role="student", profile_id=34),
    Person(user_id=208, first_name="Nahom", father_name="Tsegaye", role="student", profile_id=35),
    Person(user_id=301, first_name="Almaz", father_name="Tesema", role="parent", profile_id=1, children=(28,)),
    # Two children, one of them in the group class.
    Person(user_id=302, first_name="Haile", father_name="Gebre", role="parent", profile_id=2, children=(30, 34)),
    Person(user_id=901, first_name="Tigist", father_name="Worku", role="admin"),
)

ENROLMENTS = (
    Enrolment(enrolment_id=1, course="Mathematics, grade 9", tutor=101, students=(201,)),
    Enrolment(enrolment_id=2, course="Physics, grade 11", tutor=101, students=(202,)),
    Enrolment(enrolment_id=3, course="English conversation", tutor=102, students=(203, 204, 206)),
    Enrolment(enrolment_id=4, course="Chemistry, grade 10", tutor=102, students=(205,)),
    Enrolment(enrolment_id=5, course="Amharic for beginners", tutor=103, students=(201,)),
    Enrolment(enrolment_id=6, course="Biology, grade 12", tutor=103, students=(207,)),
    Enrolment(enrolment_id=7, course="Geography, grade 8", tutor=103, students=(208,)),
)


def person(user_id: int) -> Person:
    """Return the person with this users.id."""
    return next(known for known in PEOPLE if known.user_id == user_id)


def enrolment(enrolment_id: int) -> Enrolment:
    """Return the enrolment with this id."""
    return next(known for known in ENROLMENTS if known.enrolment_id == enrolment_id)
