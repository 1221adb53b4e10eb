"""The demo's lessons. Their place in this list is their id (sessions.id), from 1 on.

Connections lie less than 22 hours back, because the tracking service rejects what is older than BACKFILL_LIMIT_HOURS
(24). Lessons to which no one connected may be older.
"""

from __future__ import annotations

from development.demo.story import Absence, Claim, Mark, Story, StudentMark, stay

STORIES = (
    Story(
        what="Both punctual; the tutor leaves after 51.3 minutes, which is 85.5 %",
        enrolment=1,
        starts_in=-10.5,
        tutor=stay(-1, 51.3),
        students={201: stay(-0.5, 60)},
    ),
    Story(
        what="The student is ten minutes late",
        enrolment=2,
        starts_in=-9.25,
        tutor=stay(-2, 60),
        students={202: stay(10, 60)},
    ),
    Story(
        what="The student's connection breaks at minute 27 and is back at minute 30: still punctual",
        enrolment=1,
        starts_in=-8,
        tutor=stay(-1, 60),
        students={201: (*stay(0.5, 27, sends_disconnect=False), *stay(30, 60))},
    ),
    Story(
        what="The student closes the laptop's lid at minute 55: no disconnect ever comes",
        enrolment=2,
        starts_in=-6.75,
        tutor=stay(-1, 60),
        students={202: stay(0, 55, sends_disconnect=False)},
    ),
    Story(
        what="The student has two tabs open: 60 minutes, not 80",
        enrolment=1,
        starts_in=-5.5,
        tutor=stay(-1, 60),
        students={201: (*stay(0, 40), *stay(20, 60, tab="tablet"))},
    ),
    Story(what="The student never comes", enrolment=2, starts_in=-4.25, tutor=stay(-3, 25), students={}),
    Story(
        what="The tutor is twelve minutes late",
        enrolment=4,
        starts_in=-10.5,
        tutor=stay(12, 60),
        students={205: stay(-2, 60)},
    ),
    Story(
        what="A short lesson: ten minutes say little",
        enrolment=4,
        starts_in=-8,
        minutes=10,
        tutor=stay(0, 10),
        students={205: stay(1, 10)},
    ),
    Story(
        what="A group class: one student punctual, one late, one absent",
        enrolment=3,
        starts_in=-6.75,
        minutes=90,
        tutor=stay(-5, 90),
        students={203: stay(-1, 90), 204: stay(20, 88), 206: ()},
    ),
    Story(
        what="Without a whiteboard; the student says that she was there",
        enrolment=1,
        starts_in=-12,
        has_whiteboard=False,
        claim=Claim(by=201, status="present", note="The whiteboard did not open, so we used a video call"),
    ),
    Story(
        what="The tutor accepted the suggestion",
        enrolment=2,
        starts_in=-3,
        tutor=stay(-1, 60),
        students={202: stay(0, 60)},
        mark=Mark(by=101, use_suggestion=True, notes="A good lesson"),
    ),
    Story(
        what="The tutor decided otherwise, and said why",
        enrolment=1,
        starts_in=-1.75,
        tutor=stay(-1, 60),
        students={201: stay(22, 60)},
        mark=Mark(by=101, tutor="present", student="present", notes="Sara was on the phone with me until minute 22"),
    ),
    Story(
        what="A parent reported that the child was ill",
        enrolment=5,
        starts_in=-9.25,
        tutor=stay(-2, 20),
        students={201: ()},
        mark=Mark(by=301, student="absent", notes="Sara had a fever"),
    ),
    Story(
        what="An admin settled it",
        enrolment=4,
        starts_in=-4.25,
        tutor=stay(31, 60),
        students={205: stay(0, 60)},
        mark=Mark(by=901, tutor="late", student="present", notes="Power cut at the tutor's home"),
    ),
    Story(
        what="In progress",
        enrolment=1,
        starts_in=-0.5,
        status="in-progress",
        tutor=stay(-1, 60),
        students={201: stay(6, 60)},
    ),
    Story(what="Not begun yet", enrolment=2, starts_in=8, status="scheduled"),
    Story(what="Cancelled", enrolment=1, starts_in=-14, status="cancelled"),
    Story(what="Nobody came", enrolment=3, starts_in=-16, status="missed"),
    Story(
        what="Both punctual, not marked yet",
        enrolment=5,
        starts_in=-6.75,
        tutor=stay(-1, 60),
        students={201: stay(0, 59)},
    ),
    Story(
        what="Seven minutes late and gone at half-time; not marked yet, so the parent may report",
        enrolment=6,
        starts_in=-4.25,
        tutor=stay(-1, 60),
        students={207: stay(7, 31)},
    ),
    Story(
        what="Both punctual, in another course",
        enrolment=7,
        starts_in=-3,
        tutor=stay(0, 60),
        students={208: stay(-1, 60)},
    ),
    Story(
        what="A class, decided student by student: one late, one excused; a student of another course looked in",
        enrolment=3,
        starts_in=-3,
        tutor=stay(-2, 60),
        students={203: stay(0, 60), 204: stay(9, 60), 206: ()},
        guests={201: stay(5, 30)},
        mark=Mark(
            by=102,
            tutor="present",
            students={
                203: StudentMark(status="present"),
                204: StudentMark(status="late", note="The bus was late"),
                206: StudentMark(status="absent", excuse="A wedding in the family"),
            },
        ),
    ),
    Story(
        what="A substitute taught",
        enrolment=7,
        starts_in=-1.75,
        students={208: stay(-1, 60)},
        guests={102: stay(-2, 60)},
    ),
    Story(
        what="Tomorrow; a parent announced that the child will not come",
        enrolment=6,
        starts_in=14,
        status="scheduled",
        absence=Absence(by=302, student=207, reason="A visit to the doctor"),
    ),
)
