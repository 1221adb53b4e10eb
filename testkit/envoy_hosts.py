"""What Envoys know of the replicas behind them, by their administration interface."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from gateway.configure import ADMIN_SOCKET

#: Why Envoy sends a host nothing.
_FAILURES = ("failed_active_health_check", "failed_outlier_check", "pending_active_hc")


class EnvoyHost(NamedTuple):
    """One replica."""

    port: int
    is_used: bool
    #: Calls, streams and sockets that are open.
    open_calls: int
    #: All that there were.
    calls: int


def envoy_hosts(directory: Path, cluster: str) -> list[EnvoyHost]:
    """Return the replicas of a cluster; `directory` is the one that Envoy was configured in."""
    transport = httpx.HTTPTransport(uds=str(directory.resolve() / ADMIN_SOCKET))
    with httpx.Client(transport=transport, base_url="http://admin") as admin:
        clusters = admin.get("/clusters", params={"format": "json"}).json()["cluster_statuses"]
    statuses = next(status for status in clusters if status["name"] == cluster)["host_statuses"]
    return sorted(_host(status) for status in statuses)


def together(known: Sequence[EnvoyHost]) -> EnvoyHost:
    """Return what several Envoys know of the same replica."""
    return EnvoyHost(
        port=known[0].port,
        is_used=all(host.is_used for host in known),
        open_calls=sum(host.open_calls for host in known),
        calls=sum(host.calls for host in known),
    )


def _host(status: dict[str, Any]) -> EnvoyHost:
    counted = {statistic["name"]: int(statistic.get("value", 0)) for statistic in status["stats"]}
    health = status["health_status"]
    return EnvoyHost(
        port=status["address"]["socket_address"]["port_value"],
        is_used=not any(health.get(failure) for failure in _FAILURES),
        open_calls=counted["rq_active"],
        calls=counted["rq_total"],
    )
