from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from development.up.readiness import until_written
from tests.e2e.make_up import command, environment_for, postmaster, running, started, state_directory


@pytest.fixture(scope="module")
def shared_state() -> Iterator[Path]:
    """One database for the whole file: only the first start has to create it."""
    with state_directory() as directory:
        yield directory


@pytest.fixture
def environment(shared_state: Path) -> dict[str, str]:
    return environment_for(shared_state)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_everything_in_good_order(environment: dict[str, str], number: signal.Signals) -> None:
    with running(environment) as make_up:
        status = make_up.stop(number)
    assert (status, make_up.survivors()) == (0, [])


def test_make_down_stops_it_from_elsewhere(environment: dict[str, str]) -> None:
    with running(environment) as make_up:
        down = command("development.down", environment)
        told, _ = down.communicate()
        assert (told, down.returncode, make_up.wait(), make_up.survivors()) == ("Stopped.\n", 0, 0, [])


def test_make_down_has_nothing_to_do_if_nothing_runs(environment: dict[str, str]) -> None:
    down = command("development.down", environment)
    assert "nothing to stop" in down.communicate()[0]
    assert down.returncode == 0


@pytest.mark.parametrize("child", ["tracking_service", "attendance_service", "envoy", "development.up.database"])
def test_if_a_process_dies_it_is_named_and_all_stop(environment: dict[str, str], child: str) -> None:
    with running(environment) as make_up:
        make_up.child(child).kill()
        status = make_up.wait()
    assert (status, make_up.survivors()) == (1, [])
    name = {"envoy": "gateway", "development.up.database": "postgresql"}.get(child, child)
    assert f"{name} was ended by signal 9. Its last lines" in make_up.output


def test_if_postgresql_itself_dies_all_stop(environment: dict[str, str]) -> None:
    with running(environment) as make_up:
        make_up.child("pginstall18").kill()
        status = make_up.wait()
    assert (status, make_up.survivors()) == (1, [])
    assert "PostgreSQL ended by itself" in make_up.output


def test_if_it_is_killed_everything_ends_with_it_and_it_starts_again(environment: dict[str, str]) -> None:
    with running(environment) as make_up:
        make_up.process.kill()
        make_up.wait()
        assert make_up.survivors() == []
    with running(environment) as again:
        assert again.stop() == 0


def test_however_often_the_database_is_told_to_stop_it_stops(environment: dict[str, str]) -> None:
    url_file = Path(environment["STATE_DIRECTORY"]) / "database-url"
    url_file.unlink(missing_ok=True)
    database = command("development.up.database", environment)
    asyncio.run(until_written(url_file))
    server = postmaster(Path(environment["STATE_DIRECTORY"]))
    while database.poll() is None:
        database.terminate()
        with suppress(subprocess.TimeoutExpired):
            database.wait(timeout=0.01)
    assert not server.is_running() or server.status() == psutil.STATUS_ZOMBIE
    database.communicate()


def test_a_path_too_long_for_a_socket_does_not_matter(shared_state: Path) -> None:
    deep = shared_state.joinpath(*["a-directory-with-a-long-name"] * 4)
    deep.parent.mkdir(parents=True)
    with state_directory(deep), running(environment_for(deep)) as make_up:
        assert make_up.stop() == 0


@pytest.mark.parametrize("variable", ["GATEWAY_PORT", "TRACKING_PORT", "ATTENDANCE_PORT"])
def test_a_taken_port_is_named_with_its_variable(environment: dict[str, str], variable: str) -> None:
    with socket.create_server(("127.0.0.1", int(environment[variable]))), started(environment) as make_up:
        status = make_up.wait()
    assert status == 1
    assert f"port {environment[variable]} is taken" in make_up.output
    assert f"{variable}=" in make_up.output


def test_a_weak_secret_is_refused_before_anything_starts(environment: dict[str, str]) -> None:
    with started({**environment, "JWT_HS256_SECRET": "short"}) as make_up:
        status = make_up.wait()
    assert status == 2
    assert "JWT_HS256_SECRET: must have at least 32 bytes" in make_up.output
