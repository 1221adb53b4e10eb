"""docker compose on a real engine: it starts, is used, broken and upgraded. Skipped where there is no engine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from testkit.containers.engine import docker
from testkit.containers.stack import SECRETS, Stack, running_stack
from testkit.eventually import eventually

TUTOR, STUDENT = 101, 205
WHITEBOARD = "/api/whiteboard/sessions/1"
SUGGESTION = "/api/tutor/sessions/1/attendance-suggestion"
#: A lesson that began ten minutes ago, as the platform writes it; times of day are those of the default time zone.
LESSON = f"""
    INSERT INTO users (id, first_name, father_name) VALUES ({TUTOR}, 'Abebe', 'Bekele'), ({STUDENT}, 'Sara', 'Tadesse');
    INSERT INTO tutor_profiles (id, user_id, username) VALUES (1, {TUTOR}, 'abebe');
    INSERT INTO student_profiles (id, user_id, username, parent_id) VALUES (1, {STUDENT}, 'sara', '{{}}');
    INSERT INTO courses (id, course_name) VALUES (1, 'Mathematics');
    INSERT INTO tutor_packages (id, name) VALUES (1, 'Mathematics');
    INSERT INTO enrolled_courses (id, tutor_id, students_id, package_id, course_id) VALUES (1, 1, '{{1}}', 1, '{{1}}');
    INSERT INTO whiteboard_sessions (id, tutor_id, student_id, scheduled_start, scheduled_end)
    VALUES (1, {TUTOR}, '{{{STUDENT}}}', now() - interval '10 minutes', now() + interval '5 hours');
    INSERT INTO sessions (id, enrolled_courses_id, whiteboard_id, session_date, start_time, end_time)
    SELECT 1, 1, 1, (scheduled_start AT TIME ZONE 'Africa/Addis_Ababa')::date,
           (scheduled_start AT TIME ZONE 'Africa/Addis_Ababa')::time,
           (scheduled_end AT TIME ZONE 'Africa/Addis_Ababa')::time
    FROM whiteboard_sessions;
"""  # noqa: S608 - numbers of this file


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with running_stack() as stack:
        stack.sql(LESSON)
        yield stack


@pytest.fixture(scope="module")
def student(stack: Stack) -> Iterator[httpx.Client]:
    with stack.client(STUDENT, "student") as client:
        yield client


@pytest.fixture(scope="module")
def tutor(stack: Stack) -> Iterator[httpx.Client]:
    with stack.client(TUTOR, "tutor") as client:
        yield client


def test_heartbeats_suggestions_and_pages_come_through_the_gateway(
    stack: Stack, student: httpx.Client, tutor: httpx.Client
) -> None:
    assert student.post(f"{WHITEBOARD}/connect", json={"user_type": "student"}).status_code == httpx.codes.OK
    assert beats(student)()
    suggestion = tutor.get(SUGGESTION).json()
    assert suggestion["student_metrics"]["connected"] is True
    assert "<html" in httpx.get(stack.url).text


def test_two_tracking_services_run_by_default(stack: Stack) -> None:
    assert len(stack.containers("tracking")) == 2


def test_no_container_runs_as_root_or_could_become_it(stack: Stack) -> None:
    for container in stack.containers():
        status = docker("exec", container, "cat", "/proc/1/status")
        fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        assert "0" not in fields["Uid"].split()
        assert int(fields["CapEff"], 16) == int(fields["CapPrm"], 16) == 0
        assert fields["NoNewPrivs"] == "1"


def test_no_container_can_write_its_file_system(stack: Stack) -> None:
    assert all(stack.state(container)["HostConfig"]["ReadonlyRootfs"] for container in stack.containers())


async def test_a_new_replica_is_found_and_a_dead_one_dropped(
    stack: Stack, student: httpx.Client, tutor: httpx.Client
) -> None:
    before = stack.containers("tracking")
    stack.up(TRACKING_REPLICAS="3")
    assert set(before) < set(stack.containers("tracking"))
    docker("kill", *before)
    # The third alone is left, for the gateway and for the attendance service.
    await eventually(beats(student))
    await eventually(lambda: tutor.get(SUGGESTION).status_code == httpx.codes.OK)
    docker("start", *before)
    stack.up(TRACKING_REPLICAS="2")
    await eventually(beats(student))


async def test_everything_works_again_after_postgresql_was_away(
    stack: Stack, student: httpx.Client, tutor: httpx.Client
) -> None:
    stack.compose("stop", "postgres")
    await eventually(lambda: reason(tutor.get(SUGGESTION)) == "STORAGE_UNAVAILABLE")
    stack.compose("start", "postgres")
    await eventually(beats(student))
    await eventually(lambda: tutor.get(SUGGESTION).status_code == httpx.codes.OK)


async def test_a_new_secret_is_known_everywhere_after_up(stack: Stack, student: httpx.Client) -> None:
    stack.up(JWT_HS256_SECRET="a new secret that is long enough for HS256")  # noqa: S106 - made for tests
    await eventually(lambda: reason(heartbeat(student)) == "TOKEN_INVALID")
    with stack.client(STUDENT, "student") as renewed:
        await eventually(beats(renewed))


async def test_a_repeated_up_recreates_nothing(stack: Stack) -> None:
    before = set(stack.containers())
    stack.up()
    assert set(stack.containers()) == before


# It builds an image and starts all containers anew: three minutes and more on a busy machine.
@pytest.mark.timeout(600)
async def test_an_upgrade_fails_no_call(stack: Stack) -> None:
    before = {service: set(stack.containers(service)) for service in ("tracking", "attendance", "presence-socket")}
    with (
        stack.client(STUDENT, "student") as student,
        stack.client(TUTOR, "tutor") as tutor,
        repeated(lambda: heartbeat(student)) as heartbeats,
        repeated(lambda: tutor.get(SUGGESTION)) as suggestions,
    ):
        printed = stack.upgrade()
    assert "the restart cuts off what still runs" not in printed
    for service, old in before.items():
        assert len(stack.containers(service)) == len(old)
        assert old.isdisjoint(stack.containers(service))
    assert set(heartbeats) == set(suggestions) == {httpx.codes.OK}


def test_no_log_has_a_secret(stack: Stack) -> None:
    logs = stack.compose("logs", "--no-color")
    assert not [name for name in SECRETS if stack.settings[name] in logs]


def test_every_container_stops_by_itself_in_time(stack: Stack) -> None:
    running = stack.containers()
    stack.compose("stop")
    assert {stack.state(container)["State"]["ExitCode"] for container in running} == {0}


def heartbeat(student: httpx.Client) -> httpx.Response:
    return student.post(f"{WHITEBOARD}/heartbeat", json={"user_type": "student"})


def beats(student: httpx.Client) -> Callable[[], bool]:
    """Return a function that sends a heartbeat and returns whether it was recorded."""
    return lambda: heartbeat(student).status_code == httpx.codes.OK


def reason(answer: httpx.Response) -> str:
    """Return the reason of an error; empty for success."""
    return "" if answer.is_success else str(answer.json()["details"][0]["reason"])


@contextmanager
def repeated(call: Callable[[], httpx.Response]) -> Iterator[list[int]]:
    """Repeat a call for the length of the block and collect the statuses; one that gets no answer is sent again.

    While the gateway itself starts anew nobody answers.
    """
    statuses: list[int] = []
    ended = threading.Event()

    def run() -> None:
        while not ended.is_set():
            try:
                statuses.append(call().status_code)
            except httpx.TransportError:
                continue

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield statuses
    finally:
        ended.set()
        thread.join()
