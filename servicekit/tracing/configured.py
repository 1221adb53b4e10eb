"""Makes traces, if a collector is set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from servicekit.tracing.settings import TracingSettings

if TYPE_CHECKING:
    from servicekit.tracing.tracing import Tracing


def configured_tracing(settings: TracingSettings, service: str) -> Tracing | None:
    """Return what makes the traces of this process, or None; then nothing of OpenTelemetry is even imported."""
    if not settings.otel_exporter_otlp_endpoint:
        return None
    from servicekit.tracing.tracing import Tracing  # noqa: PLC0415 - costs time and memory

    return Tracing(settings, service)
