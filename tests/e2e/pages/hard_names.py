"""Names that pages have to show as they are: markup, quotes, very long, and written from right to left.

Some of the demo's people and courses bear them in these tests.
"""

from __future__ import annotations

from dataclasses import replace

from development.demo.people import person
from tests.e2e.pages.site import Site

#: An attack if a page did not escape it.
HOSTILE = replace(person(205), first_name="<img src=x onerror=alert(1)>")
#: Quotes of both kinds.
QUOTED = replace(person(207), first_name='Eden "Didi" N\'Gusse')
RIGHT_TO_LEFT = replace(person(208), first_name="سلمى", father_name="عبد الله")
PEOPLE = (HOSTILE, QUOTED, RIGHT_TO_LEFT)

#: By the id of the enrolment, which is the course's too. The first fills more than two lines of a phone.
COURSES = {
    6: "Preparation for the university entrance examination: mathematics, physics, chemistry and biology "
    "(natural science stream), with weekly tests & model examinations",
    7: "العربية للمبتدئين",
}


def insert_hard_names(site: Site) -> None:
    """Insert them before the demo's rows, which leave existing ones alone."""
    for bearer in PEOPLE:
        site.execute(
            "INSERT INTO users (id, first_name, father_name) VALUES (%s, %s, %s)",
            bearer.user_id,
            bearer.first_name,
            bearer.father_name,
        )
    for number, name in COURSES.items():
        site.execute("INSERT INTO courses (id, course_name) VALUES (%s, %s)", number, name)
