from __future__ import annotations

import pytest
from google.rpc import error_details_pb2
from grpc import StatusCode, aio

from testkit.grpc_errors import details, refusal
from tests.integration.attendance.client import Client
from tests.integration.attendance.own_service import OwnService
from tests.integration.attendance.platform import (
    CLASS,
    LESSONS,
    NAMELESS,
    OTHER_TUTOR,
    OTHERS,
    PARENT,
    STUDENT,
    TUTOR,
    Platform,
)

REFUSED = (StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")


async def found_enrolments(client: Client, platform: Platform, search: str) -> list[int]:
    """Return the enrolments whose session is found, in the order of their ids."""
    enrolments = dict(platform.rows("SELECT id, enrolled_courses_id FROM sessions"))
    return sorted(enrolments[session_id] for session_id in await client.session_ids(search=search))


async def test_all_words_must_occur_in_the_names_on_the_card(admin: Client, platform: Platform) -> None:
    for enrolment in (LESSONS, CLASS, OTHERS, NAMELESS):
        platform.add_session(enrolled_courses_id=enrolment)
    expected = {
        "mathematics": [LESSONS, OTHERS],
        "Exam package": [CLASS],
        "tutoring": [NAMELESS],
        "kebede": [LESSONS, CLASS, NAMELESS],
        "SARA": [LESSONS, CLASS],
        "haile": [CLASS],
        "ath": [LESSONS, OTHERS],
        "tesfaye sara": [LESSONS, CLASS],
        "  physics   abebe sara ": [LESSONS],
        "physics other": [],
        # Lessons of several students.
        "Group": [CLASS],
        "group haile": [CLASS],
        # The last letters of one name and the first ones of the next.
        "csabe": [],
    }
    assert {search: await found_enrolments(admin, platform, search) for search in expected} == expected


async def test_a_person_without_a_name_is_found_by_their_user_name(tutor: Client, platform: Platform) -> None:
    platform.run("UPDATE users SET first_name = NULL, father_name = '' WHERE id = %s", STUDENT)
    session_id = platform.add_session()
    assert await tutor.session_ids(search="sara") == [session_id]


@pytest.mark.parametrize("character", ["%", "_", "\\", "'"])
async def test_no_character_is_a_wildcard(tutor: Client, platform: Platform, character: str) -> None:
    platform.add_session(enrolled_courses_id=CLASS)
    platform.run("UPDATE courses SET course_name = %s WHERE id = 42", f"50{character}x")
    session_id = platform.add_session(enrolled_courses_id=LESSONS)
    assert await tutor.session_ids(search=f"0{character}X") == [session_id]
    assert await tutor.session_ids(search=character) == [session_id]


@pytest.mark.parametrize("typed", ["{}", "#{}", " #{} ", "000{}"])
async def test_a_session_is_found_by_its_number(tutor: Client, platform: Platform, typed: str) -> None:
    platform.add_session()
    session_id = platform.add_session()
    platform.add_session()
    assert await tutor.session_ids(search=typed.format(session_id)) == [session_id]


async def test_a_number_is_also_searched_in_names(tutor: Client, platform: Platform) -> None:
    platform.run("UPDATE courses SET course_name = 'Grade 3' WHERE id = 42")
    of_grade_three, *_, third = [
        platform.add_session(enrolled_courses_id=enrolment) for enrolment in (LESSONS, CLASS, CLASS)
    ]
    assert third == 3
    assert await tutor.session_ids(search="3") == [third, of_grade_three]


async def test_a_number_that_is_no_session_id_finds_nothing(tutor: Client, platform: Platform) -> None:
    assert platform.add_session() == 1
    for search in ("0", "#", "##1", "-1", "1.0", "1 1", "99999999999999999999", "\N{ARABIC-INDIC DIGIT ONE}"):
        assert await tutor.session_ids(search=search) == [], search


async def test_callers_find_only_their_own_sessions(channel: aio.Channel, platform: Platform) -> None:
    session_id = platform.add_session(enrolled_courses_id=LESSONS)
    stranger = Client(channel, OTHER_TUTOR, "tutor")
    assert await stranger.session_ids(search=str(session_id)) == []
    assert await stranger.session_ids(search="sara") == []


@pytest.mark.parametrize(("user", "role", "own"), [(STUDENT, "student", "sara"), (PARENT, "parent", "dawit")])
async def test_a_classmate_s_name_finds_nothing(
    channel: aio.Channel, platform: Platform, user: int, role: str, own: str
) -> None:
    platform.run("UPDATE enrolled_courses SET students_id = '{21,22,23}' WHERE id = %s", CLASS)
    session_id = platform.add_session(enrolled_courses_id=CLASS)
    person = Client(channel, user, role)
    assert await person.session_ids(search=own) == [session_id]
    assert await person.session_ids(search="other") == []


async def test_a_search_combines_with_all_other_filters(tutor: Client, platform: Platform) -> None:
    wanted = {"session_date": "2026-02-02", "attendance_source": "manual", "status": "completed"}
    session_id = platform.add_session(**wanted)
    for other in (
        {"session_date": "2026-02-03"},
        {"attendance_source": None},
        {"status": "missed"},
        {"enrolled_courses_id": NAMELESS},
    ):
        platform.add_session(**wanted | other)
    filters = {"date_to": "2026-02-02", "attendance_filter": "marked", "status_filter": "completed"}
    assert await tutor.session_ids(search="sara", **filters) == [session_id]


async def test_pages_of_a_search_follow_each_other_without_gap_or_repetition(tutor: Client, platform: Platform) -> None:
    for enrolment in (LESSONS, NAMELESS, CLASS, LESSONS, NAMELESS, CLASS):
        platform.add_session(enrolled_courses_id=enrolment)
    first = await tutor.sessions(search="sara", page_size=3)
    second = await tutor.sessions(search="sara", page_size=3, page_token=first.next_page_token)
    listed = [session.id for page in (first, second) for session in page.sessions]
    assert listed == await tutor.session_ids(search="sara")
    assert (len(listed), second.next_page_token) == (4, "")


async def test_a_page_token_is_refused_for_another_search(tutor: Client, platform: Platform) -> None:
    for _ in range(2):
        platform.add_session()
    token = (await tutor.sessions(search="sara", page_size=1)).next_page_token
    for other in ("", "abebe"):
        assert await refusal(tutor.sessions(search=other, page_token=token)) == REFUSED


@pytest.mark.parametrize("search", ["x" * 101, "nothing\0more"])
@pytest.mark.parametrize("method", ["sessions", "students"])
async def test_an_invalid_search_is_refused(tutor: Client, method: str, search: str) -> None:
    with pytest.raises(aio.AioRpcError) as refused:
        await getattr(tutor, method)(search=search)
    [bad_request] = details(refused.value, error_details_pb2.BadRequest)
    assert (refused.value.code(), bad_request.field_violations[0].field) == (StatusCode.INVALID_ARGUMENT, "search")


async def test_a_search_of_100_characters_is_accepted(tutor: Client, platform: Platform) -> None:
    platform.run("UPDATE courses SET course_name = %s WHERE id = 41", "ሂ" * 100)
    session_id = platform.add_session()
    assert await tutor.session_ids(search="ሂ" * 100) == [session_id]


async def test_the_tables_of_courses_and_packages_are_optional(own_service: OwnService) -> None:
    tutor, platform = own_service.client(TUTOR, "tutor"), own_service.platform
    platform.run("ALTER TABLE enrolled_courses DROP COLUMN package_id")
    platform.run("DROP TABLE courses, tutor_packages")
    session_id = platform.add_session()
    assert await tutor.session_ids(search="tutoring") == [session_id]
