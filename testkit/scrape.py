"""What a process shows at /metrics."""

from __future__ import annotations

import asyncio
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

#: Generous; a scrape takes milliseconds.
_TIMEOUT_SECONDS = 60


class Scrape:
    """The samples of one scrape."""

    def __init__(self, text: str) -> None:
        self._samples = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    def value(self, name: str, **labels: str) -> float:
        """Return the value of a sample; 0 if it is not shown, like a count that has not begun."""
        return self._samples.get((name, frozenset(labels.items())), 0.0)

    def shows(self, name: str) -> bool:
        return any(name == shown for shown, _ in self._samples)


def scrape_now(port: int | None) -> Scrape:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=_TIMEOUT_SECONDS) as response:
        return Scrape(response.read().decode())


async def scrape(port: int | None) -> Scrape:
    """Scrape a process, which may be this one."""
    return await asyncio.to_thread(scrape_now, port)
