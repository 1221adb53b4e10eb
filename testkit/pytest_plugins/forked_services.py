"""Has tests fork the services that they start, which takes a tenth of the processor time that `python -m` takes."""

from __future__ import annotations

from testkit.forked_services import ForkedService
from testkit.service_process import launcher


def pytest_configure() -> None:
    """Start them so; benchmarks, which measure processes as operators start them, do not."""
    launcher.run = ForkedService
