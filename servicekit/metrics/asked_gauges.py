"""Gauges whose values are asked of PostgreSQL when somebody scrapes."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Final, NamedTuple

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.engine import Connection

from servicekit.database.engine import Database
from servicekit.errors import StorageUnavailable

_log = logging.getLogger(__name__)

#: Several may scrape, each more often than this.
MIN_SECONDS_BETWEEN_QUESTIONS = 15.0
#: How long a scrape waits for an answer. Prometheus itself gives up after 10 s, and then has no metric at all.
MAX_WAIT_SECONDS = 1.0
#: PostgreSQL gives up after this time.
STATEMENT_TIMEOUT: Final = {"statement_timeout": "2s"}
#: Older values are not shown: a number that does not change would look like one that is right.
MAX_AGE_SECONDS = 120.0


class AskedGauge(NamedTuple):
    """A gauge and its help text."""

    name: str
    help: str
    labels: Sequence[str] = ()


#: Values by gauge and values of its labels.
Answers = Mapping[tuple[str, tuple[str, ...]], float]
Question = Callable[[Connection], Answers]


class AskedGauges(Collector):
    """Asks in a thread of its own, over a connection of its own: nobody waits for it, a scrape only for a second."""

    def __init__(
        self,
        registry: CollectorRegistry,
        database: Database,
        gauges: Sequence[AskedGauge],
        question: Question,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` returns seconds. Nothing is asked, and nothing connects, before the first scrape."""
        self._database = database
        self._gauges = gauges
        self._question = question
        self._clock = clock
        self._executor = ThreadPoolExecutor(1, "asked-gauges")
        self._asking: Future[None] | None = None
        self._asked_at: float | None = None
        self._answers: Answers = {}
        self._answered_at = 0.0
        registry.register(self)

    def describe(self) -> Iterable[Metric]:
        """Return the gauges without values."""
        return [GaugeMetricFamily(gauge.name, gauge.help, labels=gauge.labels) for gauge in self._gauges]

    def collect(self) -> Iterable[Metric]:
        """Return the gauges with the last answers; without values if there is none that is young enough."""
        self._ask()
        is_known = self._clock() - self._answered_at <= MAX_AGE_SECONDS
        answers = self._answers if is_known else {}
        families = []
        for gauge in self._gauges:
            family = GaugeMetricFamily(gauge.name, gauge.help, labels=gauge.labels)
            for (name, labels), value in answers.items():
                if name == gauge.name:
                    family.add_metric(labels, value)
            families.append(family)
        return families

    def stop(self) -> None:
        """Ask nothing any more, and close the connection."""
        self._executor.shutdown(wait=False, cancel_futures=True)
        self._database.dispose()

    def _ask(self) -> None:
        now = self._clock()
        is_asking = self._asking is not None and not self._asking.done()
        if not is_asking and (self._asked_at is None or now - self._asked_at >= MIN_SECONDS_BETWEEN_QUESTIONS):
            self._asked_at = now
            self._asking = self._executor.submit(self._answer)
        if self._asking is not None:
            wait([self._asking], MAX_WAIT_SECONDS)

    def _answer(self) -> None:
        try:
            with self._database.transaction() as connection:
                self._answers = self._question(connection)
            self._answered_at = self._clock()
        except StorageUnavailable:
            _log.debug("gauges could not be asked of the database")
        except Exception:  # noqa: BLE001 - no scrape may fail for one question
            _log.exception("gauges could not be asked of the database")
