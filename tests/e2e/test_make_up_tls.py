"""`make up TLS=1`: everything by TLS, with certificates that it makes."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator

import httpx
import pytest

from testkit.make_up import MakeUp, command, environment_for, running, state_directory


@pytest.fixture(scope="module")
def make_up() -> Iterator[MakeUp]:
    with state_directory() as directory, running({**environment_for(directory), "TLS": "1"}) as make_up:
        yield make_up


def test_whoever_trusts_its_authority_can_try_what_it_prints_until_make_down_ends_it(make_up: MakeUp) -> None:
    address = f"https://localhost:{make_up.environment['GATEWAY_PORT']}"
    assert f"page                {address}/" in make_up.output
    assert re.search(r"It ends on [\d-]{10}; the certificates, new at each start, on [\d-]{10}\.", make_up.output)
    printed = re.search(r"curl --cacert (\S+) .*\n\s+(https://\S+)$", make_up.output, re.MULTILINE)
    assert printed is not None
    token = command("development.ctl", make_up.environment, "token", "--user", "101", "--role", "tutor").communicate()[
        0
    ]
    answer = httpx.get(
        printed[2],
        headers={"authorization": f"Bearer {token.strip()}"},
        verify=ssl.create_default_context(cafile=printed[1]),
    )
    # The events of the demo and the facts for the suggestion went through the services' own ports.
    assert answer.json()["tutor_status_suggestion"] == "present"

    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"{make_up.url}/healthz")

    down = command("development.down", make_up.environment)
    assert (down.communicate()[0], make_up.wait(), make_up.survivors()) == ("Stopped.\n", 0, [])


def test_the_keys_are_for_the_owner_alone(make_up: MakeUp) -> None:
    keys = list((make_up.state_directory / "tls").glob("*-key.pem"))
    assert keys
    assert all(key.stat().st_mode & 0o077 == 0 for key in keys)
