"""How the whole product ends when a part of it is killed, and that it starts again.

Other ways to end are tried with stand-ins, in tests/integration/development.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from testkit.make_up import environment_for, running, state_directory

REPLICATED = ("tracking_service", "attendance_service", "gateway.presence_socket")


@pytest.fixture(scope="module")
def long_directory() -> Iterator[Path]:
    """Return a state directory whose path is too long for the sockets of PostgreSQL and Envoy."""
    with state_directory() as directory:
        deep = directory.joinpath(*["a-directory-with-a-long-name"] * 4)
        deep.parent.mkdir(parents=True)
        with state_directory(deep):
            yield deep


def test_if_envoy_dies_it_is_named_and_everything_stops(long_directory: Path) -> None:
    with running(environment_for(long_directory)) as make_up:
        make_up.child("envoy").kill()
        status = make_up.wait()
    assert (status, make_up.survivors()) == (1, [])
    assert "gateway was ended by signal 9. Its last lines" in make_up.output


def test_replicas_are_started_again_and_all_processes_end_if_make_up_is_killed(long_directory: Path) -> None:
    with running(environment_for(long_directory, replicas=2)) as make_up:
        replicas = {kind: make_up.child(kind) for kind in REPLICATED}
        for kind, replica in replicas.items():
            replica.kill()
            make_up.wait_until_shown(f"{kind} was ended by signal 9. It is started again")
        make_up.process.kill()
        make_up.wait()
        assert make_up.survivors() == []
