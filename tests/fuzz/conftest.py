"""The whole product with the demo's data, for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from development.demo.stories import STORIES
from development.demo.timetable import timetable
from development.postgres import EmbeddedPostgres
from testkit.envoy import running_gateway
from testkit.postgres import fresh_database
from testkit.presence_socket_process import PresenceSocketProcess, presence_socket_process
from testkit.service_process import attendance_process, tracking_process
from testkit.tokens import SECRET
from tests.e2e.pages.site import ZONE, Site
from tests.fuzz.rounds import Rounds, rounds_of_run

#: What one person sends here, nobody sends there; the limits have tests of their own.
NO_LIMIT = "1000000"
_NO_LIMITS = dict.fromkeys(
    (
        "MAX_STREAM_OPENS_PER_MINUTE_PER_USER",
        "MAX_WATCH_OPENS_PER_MINUTE_PER_USER",
        "MAX_EVENTS_PER_SECOND_PER_USER",
        "MAX_SOCKET_OPENS_PER_MINUTE_PER_USER",
    ),
    NO_LIMIT,
)


@pytest.fixture(scope="package")
def stack(
    postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Site, PresenceSocketProcess]]:
    """Return the product; at the end nothing of what happened may have surprised a process."""
    directory = tmp_path_factory.mktemp("fuzz")
    logs = {name: directory / f"{name}.log" for name in ("tracking", "attendance", "socket")}
    with (
        fresh_database(postgres_server, template=migrated_template) as database,
        tracking_process(database, logs["tracking"], **_NO_LIMITS) as tracking,
        attendance_process(database, tracking.address, logs["attendance"]) as attendance,
        presence_socket_process(tracking.address, logs["socket"], **_NO_LIMITS) as socket,
        running_gateway(
            directory / "gateway",
            {
                "JWT_HS256_SECRET": SECRET,
                "TRACKING_ADDRESS": tracking.address,
                "ATTENDANCE_ADDRESS": attendance.address,
                "SOCKET_ADDRESS": socket.address,
                "GATEWAY_REQUESTS_PER_SECOND_PER_IDENTITY": NO_LIMIT,
            },
        ) as gateway,
    ):
        site = Site(database=database, tracking=tracking, attendance=attendance, gateway=gateway)
        now = datetime.now(UTC)
        site.record(timetable(STORIES, now, zone=ZONE), now)
        gateway.wait_until_healthy()
        gateway.wait_until_sockets_are_accepted()
        yield site, socket
        assert [name for name, log in logs.items() if "Traceback" in log.read_text()] == []


@pytest.fixture
def site(stack: tuple[Site, PresenceSocketProcess]) -> Site:
    return stack[0]


@pytest.fixture
def socket_address(stack: tuple[Site, PresenceSocketProcess]) -> str:
    return stack[1].address


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> Rounds:
    """Return how often a test repeats its check; all tests that ask for it share the time of the run."""
    return rounds_of_run(sum("rounds" in getattr(item, "fixturenames", ()) for item in request.session.items))
