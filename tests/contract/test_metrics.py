"""docs/metrics.md lists what the processes show, in the words of their help texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric
from pydantic import SecretStr

from attendance_service.app import AttendanceApp
from attendance_service.settings import AttendanceSettings
from gateway.presence_socket.app import PresenceSocketApp
from gateway.presence_socket.settings import PresenceSocketSettings
from testkit.source_tree import ROOT
from testkit.tokens import SECRET
from tracking_service.app import TrackingApp
from tracking_service.settings import TrackingSettings

#: Those of prometheus-client.
FOREIGN = ("process_", "python_")
#: The sections that list what a process shows.
SECTIONS = {
    "Tracking service": ("Every process", "Both services", "Tracking service"),
    "Attendance service": ("Every process", "Both services", "Attendance service"),
    "Presence socket": ("Every process", "Presence socket"),
}
#: What identifies one person, session, stream or process has too many values for a label, and is nobody's business.
TOO_MANY_VALUES = re.compile(r"(^|_)(id|ids|user|name|session|stream|relay|connection|address|token)$")
_DOCUMENT = (ROOT / "docs" / "metrics.md").read_text()
_ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| (.*?) \| (.+) \|$", re.MULTILINE)


class Row(NamedTuple):
    """A row of a table."""

    name: str
    type: str
    labels: str
    meaning: str


class _Named(NamedTuple):
    family: Metric
    labels: tuple[str, ...]


async def _registries() -> Mapping[str, CollectorRegistry]:
    """Construct each process; nothing is started."""
    database = "postgresql://nobody@127.0.0.1:1/nothing"
    tracking = TrackingSettings(database_url=database, jwt_hs256_secret=SECRET, tracking_port=0)
    attendance = AttendanceSettings(database_url=SecretStr(database), jwt_hs256_secret=SECRET, attendance_port=0)
    services = (TrackingApp(tracking), AttendanceApp(attendance))
    for service in services:
        await service._server.stop()  # noqa: SLF001 - it has a port from the beginning
    socket = PresenceSocketApp(PresenceSocketSettings(jwt_hs256_secret=SECRET))
    return dict(zip(SECTIONS, [*(service.registry for service in services), socket.registry], strict=True))


def _documented(process: str) -> list[Row]:
    sections = (_DOCUMENT.split(f"\n## {heading}\n")[1].split("\n## ")[0] for heading in SECTIONS[process])
    return [Row(*found) for section in sections for found in _ROW.findall(section)]


def _own(registry: CollectorRegistry) -> Iterable[_Named]:
    """Yield the families of a registry with the names of their labels, which only their collectors know."""
    for collector in registry._collector_to_names:  # noqa: SLF001
        for family in getattr(collector, "describe", collector.collect)():
            labels = getattr(family, "_labelnames", ()) or getattr(collector, "_labelnames", ())
            if not family.name.startswith(FOREIGN):
                yield _Named(family, tuple(labels))


def _row(named: _Named) -> Row:
    family = named.family
    name = f"{family.name}_total" if family.type == "counter" else family.name
    return Row(name, family.type, ", ".join(f"`{label}`" for label in named.labels) or "—", family.documentation)


async def test_every_metric_is_documented_in_the_words_of_its_help() -> None:
    for process, registry in (await _registries()).items():
        shown = sorted(_row(named) for named in _own(registry))
        table = "\n".join(f"| `{row.name}` | {row.type} | {row.labels} | {row.meaning} |" for row in shown)
        assert sorted(_documented(process)) == shown, f"the tables of {process} should be:\n{table}"


async def test_labels_are_small_closed_sets() -> None:
    named = [named for registry in (await _registries()).values() for named in _own(registry)]
    assert named
    assert [one for one in named for label in one.labels if TOO_MANY_VALUES.search(label)] == []


@pytest.mark.parametrize("label", ["user_id", "session", "stream_id", "id"])
def test_the_check_finds_labels_with_too_many_values(label: str) -> None:
    assert TOO_MANY_VALUES.search(label)
