"""How many connections to PostgreSQL a process has, and uses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from servicekit.database.engine import Database, PoolUse


class DatabasePoolCollector(Collector):
    """Adds up the pools of a process when it is scraped."""

    def __init__(self, registry: CollectorRegistry, databases: Sequence[Database]) -> None:
        """Nothing is read yet."""
        self._databases = databases
        registry.register(self)

    def collect(self) -> Iterable[Metric]:
        """Return the connections by state, and how many there may be."""
        uses: list[PoolUse] = [database.pool_use() for database in self._databases]
        connections = GaugeMetricFamily(
            "database_pool_connections", "Connections to PostgreSQL that are open, by state.", labels=["state"]
        )
        connections.add_metric(["in_use"], sum(use.in_use for use in uses))
        connections.add_metric(["idle"], sum(use.idle for use in uses))
        size = GaugeMetricFamily("database_pool_size", "Connections to PostgreSQL that this process may open.")
        size.add_metric([], sum(use.size for use in uses))
        return [connections, size]
