"""The platform's tables that are only read: created if missing, else given only indexes.

See docs/identity.md#platform-tables.
"""

from __future__ import annotations

from servicekit.database.migration.target import (
    INTEGER,
    INTEGER_ARRAY,
    TEXTS,
    IfMissing,
    TargetColumn,
    TargetIndex,
    TargetTable,
)

#: What the platform gives to lists that are empty.
_EMPTY_ARRAY = "'{}'"
_USER_REFERENCE = "REFERENCES users (id)"


def _key() -> TargetColumn:
    return TargetColumn(
        name="id", type="SERIAL", constraint="PRIMARY KEY", accepts=INTEGER, if_missing=IfMissing.REFUSE
    )


def _number(name: str, constraint: str = "") -> TargetColumn:
    return TargetColumn(name=name, type="INTEGER", constraint=constraint, accepts=INTEGER, if_missing=IfMissing.REFUSE)


def _numbers(name: str) -> TargetColumn:
    return TargetColumn(
        name=name, type="INTEGER[]", default=_EMPTY_ARRAY, accepts=INTEGER_ARRAY, if_missing=IfMissing.REFUSE
    )


def _text(name: str) -> TargetColumn:
    return TargetColumn(name=name, type="VARCHAR(255)", accepts=TEXTS, if_missing=IfMissing.REFUSE)


def _label(name: str) -> TargetColumn:
    """Describe a name that is shown where it exists; nothing is decided by it."""
    return TargetColumn(name=name, type="VARCHAR(255)", accepts=TEXTS, if_missing=IfMissing.LEAVE_OUT)


#: In the order of their references.
PLATFORM_TABLES = (
    TargetTable(name="users", columns=(_key(), _text("first_name"), _text("father_name"))),
    TargetTable(name="tutor_profiles", columns=(_key(), _number("user_id", _USER_REFERENCE), _text("username"))),
    TargetTable(
        name="student_profiles",
        columns=(_key(), _number("user_id", _USER_REFERENCE), _text("username"), _numbers("parent_id")),
    ),
    TargetTable(
        name="parent_profiles", columns=(_key(), _number("user_id", _USER_REFERENCE), _numbers("children_ids"))
    ),
    TargetTable(name="courses", columns=(_key(), _label("course_name"))),
    TargetTable(name="tutor_packages", columns=(_key(), _label("name"))),
    TargetTable(
        name="enrolled_courses",
        columns=(
            _key(),
            _number("tutor_id", "REFERENCES tutor_profiles (id)"),
            _numbers("students_id"),
            _number("package_id", "REFERENCES tutor_packages (id)"),
            _numbers("course_id"),
        ),
        indexes=(
            TargetIndex(columns=("tutor_id",), purpose="the report of one tutor's attendance"),
            TargetIndex(columns=("students_id",), method="gin", purpose="the report of one student's attendance"),
        ),
    ),
)
