"""Waiting until all replicas of a site have something to do."""

from __future__ import annotations

from collections.abc import Sequence

import psutil

from testkit.eventually import eventually
from testkit.replicated_site import ATTENDANCE, SOCKET, TRACKING, ReplicatedSite
from testkit.service_process import ServiceProcess


async def until_calls_are_spread(site: ReplicatedSite) -> None:
    """Wait until each attendance service gets calls, and calls each tracking service."""
    before = {host.port: host.calls for host in site.hosts(ATTENDANCE)}
    await eventually(lambda: all(host.calls > before[host.port] for host in site.hosts(ATTENDANCE)))
    await eventually(lambda: all(ports(site, TRACKING) <= called_ports([each]) for each in site.replicas[ATTENDANCE]))


async def until_streams_are_spread(site: ReplicatedSite) -> None:
    """Wait until each tracking service has streams of the relay, and of presence sockets."""
    await eventually(lambda: all(host.open_calls for host in site.hosts(TRACKING)))
    await eventually(lambda: ports(site, TRACKING) <= called_ports(site.replicas[SOCKET]))


def ports(site: ReplicatedSite, kind: str) -> set[int]:
    """Return the ports of all replicas of a kind."""
    return {process.port for process in site.replicas[kind]}


def called_ports(processes: Sequence[ServiceProcess]) -> set[int]:
    """Return the ports to which these processes have a connection."""
    connections = [
        connection for process in processes for connection in psutil.Process(process.pid).net_connections("tcp")
    ]
    return {connection.raddr.port for connection in connections if connection.status == psutil.CONN_ESTABLISHED}
