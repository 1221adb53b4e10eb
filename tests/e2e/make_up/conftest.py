"""The whole product as `make up` starts it, once for all tests of this folder."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from testkit.make_up import MakeUp, environment_for, monitored, running, state_directory


@pytest.fixture(scope="session")
def make_up() -> Iterator[MakeUp]:
    """Everything, running, monitored, with a new database. It ends as with Ctrl-C."""
    with state_directory() as directory, running(monitored(environment_for(directory))) as make_up:
        yield make_up
        status = make_up.stop(signal.SIGINT)
        assert (status, make_up.survivors()) == (0, [])
