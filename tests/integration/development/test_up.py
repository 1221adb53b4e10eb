"""How `make up` starts and ends: signals, `make down`, processes that die, and what keeps it from starting."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import psutil
import pytest

from development.up.readiness import until_written
from testkit.make_up import PORT_VARIABLES, command, environment_for, postmaster, running, started, state_directory
from tests.integration.development.stand_ins import NAMES, stopped

STAND_INS = "tests.integration.development.stand_ins"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return environment_for(tmp_path)


@pytest.fixture(scope="module")
def state_with_database() -> Iterator[Path]:
    """Return a state directory with a database, which only the first start has to create."""
    with state_directory() as directory:
        yield directory


@pytest.fixture
def environment_with_database(state_with_database: Path) -> dict[str, str]:
    return {**environment_for(state_with_database), "WITH_DATABASE": "yes"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_in_reverse_order(
    environment: dict[str, str], tmp_path: Path, number: signal.Signals
) -> None:
    with running(environment, STAND_INS) as make_up:
        status = make_up.stop(number)
    assert (status, make_up.survivors()) == (0, [])
    assert stopped(tmp_path) == list(reversed(NAMES))


def test_make_down_stops_it_from_another_shell(environment: dict[str, str]) -> None:
    with running(environment, STAND_INS) as make_up:
        down = command("development.down", environment)
        printed, _ = down.communicate()
        assert (printed, down.returncode, make_up.wait(), make_up.survivors()) == ("Stopped.\n", 0, 0, [])


def test_make_down_has_nothing_to_do_if_nothing_runs(environment: dict[str, str]) -> None:
    down = command("development.down", environment)
    assert "nothing to stop" in down.communicate()[0]
    assert down.returncode == 0


@pytest.mark.parametrize("name", NAMES)
def test_if_a_process_dies_it_is_named_with_its_last_lines_and_all_stop(
    environment: dict[str, str], tmp_path: Path, name: str
) -> None:
    with running(environment, STAND_INS) as make_up:
        make_up.child(name).kill()
        status = make_up.wait()
    assert (status, make_up.survivors()) == (1, [])
    assert f"{name} was ended by signal 9. Its last lines" in make_up.output
    assert f"  this is the {name} one\n" in make_up.output
    assert stopped(tmp_path) == [other for other in reversed(NAMES) if other != name]


def test_if_it_is_killed_everything_ends_with_it_and_it_starts_again(
    environment_with_database: dict[str, str],
) -> None:
    with running(environment_with_database, STAND_INS) as make_up:
        make_up.process.kill()
        make_up.wait()
        assert make_up.survivors() == []
    with running(environment_with_database, STAND_INS) as again:
        assert again.stop() == 0


def test_if_the_process_that_runs_postgresql_is_killed_postgresql_stops_too(
    environment_with_database: dict[str, str],
) -> None:
    with running(environment_with_database, STAND_INS) as make_up:
        make_up.child("development.up.database").kill()
        status = make_up.wait()
    assert (status, make_up.survivors()) == (1, [])
    assert "postgresql was ended by signal 9. Its last lines" in make_up.output


def test_if_postgresql_itself_dies_everything_stops(environment_with_database: dict[str, str]) -> None:
    with running(environment_with_database, STAND_INS) as make_up:
        make_up.child("pginstall18").kill()
        status = make_up.wait()
    assert (status, make_up.survivors()) == (1, [])
    assert "PostgreSQL ended by itself" in make_up.output


def test_repeated_signals_do_not_interrupt_the_stop_of_the_database(state_with_database: Path) -> None:
    url_file = state_with_database / "database-url"
    url_file.unlink(missing_ok=True)
    database = command("development.up.database", environment_for(state_with_database))
    asyncio.run(until_written(url_file))
    server = postmaster(state_with_database)
    while database.poll() is None:
        database.terminate()
        with suppress(subprocess.TimeoutExpired):
            database.wait(timeout=0.01)
    assert not server.is_running() or server.status() == psutil.STATUS_ZOMBIE
    database.communicate()


def test_every_taken_port_is_named_with_its_variable(environment: dict[str, str]) -> None:
    with ExitStack() as stack:
        for variable in PORT_VARIABLES:
            stack.enter_context(socket.create_server(("127.0.0.1", int(environment[variable]))))
        make_up = stack.enter_context(started(environment))
        status = make_up.wait()
    assert status == 1
    for variable in PORT_VARIABLES:
        assert f"port {environment[variable]} is taken" in make_up.output
        assert f"{variable}=" in make_up.output


def test_a_weak_secret_is_refused_before_anything_starts(environment: dict[str, str]) -> None:
    with started({**environment, "JWT_HS256_SECRET": "short"}) as make_up:
        status = make_up.wait()
    assert status == 2
    assert "JWT_HS256_SECRET: must have at least 32 bytes" in make_up.output
