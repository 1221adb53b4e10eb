"""Whether there are traces, and which."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pydantic import ValidationError

from servicekit.tracing.configured import configured_tracing
from servicekit.tracing.settings import TracingSettings
from testkit.source_tree import ROOT

_LOADED = """
import sys, attendance_service.app, gateway.configure, tracking_service.app
sys.exit(any(name.startswith("opentelemetry") for name in sys.modules))
"""


def test_without_a_collector_nothing_of_opentelemetry_is_loaded() -> None:
    command = [sys.executable, "-c", _LOADED]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 0
    assert configured_tracing(TracingSettings(), "test") is None


@pytest.mark.parametrize(
    "endpoint", ["collector", "collector:4317", "http://collector", "ftp://collector:1", "http://x:y"]
)
def test_what_is_no_address_of_a_collector_is_refused(endpoint: str) -> None:
    with pytest.raises(ValidationError, match="http://host:port"):
        TracingSettings(otel_exporter_otlp_endpoint=endpoint)


@pytest.mark.parametrize(
    ("sampler", "ratio", "share"),
    [
        ("parentbased_always_on", 1.0, 1.0),
        ("always_off", 1.0, 0.0),
        ("parentbased_traceidratio", 0.1, 0.1),
        ("traceidratio", 0.0, 0.0),
    ],
)
def test_the_gateway_samples_as_the_services_do(sampler: str, ratio: float, share: float) -> None:
    settings = TracingSettings.model_validate({"otel_traces_sampler": sampler, "otel_traces_sampler_arg": ratio})
    assert settings.sampled_share == share


def test_a_ratio_without_a_sampler_that_has_one_is_refused() -> None:
    with pytest.raises(ValidationError, match="parentbased_traceidratio"):
        TracingSettings(otel_traces_sampler_arg=0.1)
