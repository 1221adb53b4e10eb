"""The platform's tables that are only read (DESIGN 9): created where missing, else given indexes alone."""

from __future__ import annotations

from servicekit.database.migration.column_types import INTEGER, INTEGER_ARRAY, TEXTS
from servicekit.database.migration.wanted import WantedColumn, WantedIndex, WantedTable

#: What the platform gives to lists that are empty.
_EMPTY_ARRAY = "'{}'"
_USER_REFERENCE = "REFERENCES users (id)"


def _key() -> WantedColumn:
    return WantedColumn(name="id", type="SERIAL", constraint="PRIMARY KEY", accepts=INTEGER, required=True)


def _number(name: str, constraint: str = "") -> WantedColumn:
    return WantedColumn(name=name, type="INTEGER", constraint=constraint, accepts=INTEGER, required=True)


def _numbers(name: str) -> WantedColumn:
    return WantedColumn(name=name, type="INTEGER[]", default=_EMPTY_ARRAY, accepts=INTEGER_ARRAY, required=True)


def _text(name: str) -> WantedColumn:
    return WantedColumn(name=name, type="VARCHAR(255)", accepts=TEXTS, required=True)


def _label(name: str) -> WantedColumn:
    """Describe a name that is shown where it exists; nothing is decided by it."""
    return WantedColumn(name=name, type="VARCHAR(255)", accepts=TEXTS, optional=True)


#: In the order of their references.
PLATFORM_TABLES = (
    WantedTable(name="users", columns=(_key(), _text("first_name"), _text("father_name"))),
    WantedTable(name="tutor_profiles", columns=(_key(), _number("user_id", _USER_REFERENCE), _text("username"))),
    WantedTable(
        name="student_profiles",
        columns=(_key(), _number("user_id", _USER_REFERENCE), _text("username"), _numbers("parent_id")),
    ),
    WantedTable(
        name="parent_profiles", columns=(_key(), _number("user_id", _USER_REFERENCE), _numbers("children_ids"))
    ),
    WantedTable(name="courses", columns=(_key(), _label("course_name"))),
    WantedTable(name="tutor_packages", columns=(_key(), _label("name"))),
    WantedTable(
        name="enrolled_courses",
        columns=(
            _key(),
            _number("tutor_id", "REFERENCES tutor_profiles (id)"),
            _numbers("students_id"),
            _number("package_id", "REFERENCES tutor_packages (id)"),
            _numbers("course_id"),
        ),
        indexes=(
            WantedIndex(columns=("tutor_id",), purpose="the report of one tutor's attendance"),
            WantedIndex(columns=("students_id",), method="gin", purpose="the report of one student's attendance"),
        ),
    ),
)
