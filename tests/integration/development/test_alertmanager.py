"""A real Alertmanager tells the right receiver of an alert, and of causes alone (docs/monitoring.md#alertmanager)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from testkit.alertmanager import Alertmanager, running_alertmanager, until_ready
from testkit.eventually import eventually
from testkit.pytest_plugins.missing_promtool import needs_alertmanager
from tests.contract.alert_rules import alerts

pytestmark = needs_alertmanager


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alertmanager]:
    with running_alertmanager(tmp_path_factory.mktemp("alertmanager")) as alertmanager:
        yield alertmanager


@pytest.fixture
async def alertmanager(started: Alertmanager) -> Alertmanager:
    await until_ready(started)
    return started


def alert(name: str, **labels: str) -> dict[str, str]:
    """Return the labels of one of our alerts."""
    return {"alertname": name, **alerts()[name]["labels"], **labels}


async def test_who_is_told_depends_on_how_urgent_it_is(alertmanager: Alertmanager) -> None:
    alertmanager.fire(alert("TokensRefused"), alert("RelayClockOff"), alert("Watchdog"))
    await eventually(lambda: "TokensRefused" in alertmanager.told.get("on-call", []))
    await eventually(lambda: "RelayClockOff" in alertmanager.told.get("tickets", []))
    await eventually(lambda: "Watchdog" in alertmanager.told.get("dead-man-switch", []))
    assert sum("TokensRefused" in told for told in alertmanager.told.values()) == 1


async def test_a_database_that_is_away_keeps_back_what_follows_from_it_and_nothing_else(
    alertmanager: Alertmanager,
) -> None:
    alertmanager.fire(alert("CannotRecord"))
    await eventually(lambda: "CannotRecord" in alertmanager.told.get("on-call", []))
    # From now on it knows of the cause also where it looks for what follows.
    alertmanager.fire(alert("CallsFail", job="attendance"))
    await eventually(lambda: alertmanager.state("CallsFail") == "suppressed")
    alertmanager.fire(alert("SocketsNotRecorded", job="presence-socket"), alert("SuggestionsWait"))
    alertmanager.fire(alert("ServiceDown", job="attendance"), alert("MemoryNearLimit", job="tracking"))
    await eventually(lambda: "ServiceDown" in alertmanager.told["on-call"])
    await eventually(lambda: "MemoryNearLimit" in alertmanager.told.get("tickets", []))
    assert alertmanager.state("SocketsNotRecorded") == alertmanager.state("SuggestionsWait") == "suppressed"
    assert "SocketsNotRecorded" not in alertmanager.told["on-call"]
    assert "SuggestionsWait" not in alertmanager.told["tickets"]
