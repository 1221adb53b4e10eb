"""Both services, the gateway, and the people of the table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from development.postgres import EmbeddedPostgres
from testkit.envoy import running_gateway
from testkit.postgres import fresh_database
from testkit.presence_socket_process import presence_socket_process
from testkit.service_process import attendance_process, tracking_process
from testkit.tokens import SECRET
from tests.e2e.authorization.doors import Addresses
from tests.e2e.authorization.people import add_people
from tests.integration.attendance.platform import Platform

#: The table has more calls than a person makes in a second.
NO_LIMIT = "1000000"


@pytest.fixture(scope="package")
def stack(
    postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Addresses, Platform]]:
    directory = tmp_path_factory.mktemp("authorization")
    with (
        fresh_database(postgres_server, template=migrated_template) as database,
        tracking_process(database, directory / "tracking.log") as tracking,
        attendance_process(database, tracking.address, directory / "attendance.log") as attendance,
        presence_socket_process(tracking.address, directory / "socket.log") as socket,
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
        closing(Platform(database)) as platform,
    ):
        add_people(platform)
        gateway.wait_until_healthy()
        gateway.wait_until_sockets_are_accepted()
        addresses = Addresses(
            gateway=gateway.address,
            gateway_port=gateway.port,
            tracking=tracking.address,
            attendance=attendance.address,
        )
        yield addresses, platform


@pytest.fixture
def addresses(stack: tuple[Addresses, Platform]) -> Addresses:
    return stack[0]


@pytest.fixture
def platform(stack: tuple[Addresses, Platform]) -> Platform:
    return stack[1]
