"""Whether there are traces, by the standard variables of OpenTelemetry."""

from __future__ import annotations

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from servicekit.settings import EnvironmentSettings

Sampler = Literal[
    "always_on",
    "always_off",
    "traceidratio",
    "parentbased_always_on",
    "parentbased_always_off",
    "parentbased_traceidratio",
]


def _collector(url: str) -> str:
    parts = urlsplit(url)
    try:
        is_complete = parts.scheme in {"http", "https"} and parts.hostname and parts.port
    except ValueError:
        is_complete = False
    if url and not is_complete:
        raise ValueError(f"{url!r} is not the address of a collector; write http://host:port")
    return url


class TracingSettings(EnvironmentSettings):
    """The SDK of OpenTelemetry reads the same variables, and more."""

    #: Where a collector takes OTLP over gRPC; empty: there are no traces.
    otel_exporter_otlp_endpoint: Annotated[str, AfterValidator(_collector)] = ""
    #: Which traces are recorded.
    otel_traces_sampler: Sampler = "parentbased_always_on"
    #: The share of traces, for samplers with a ratio.
    otel_traces_sampler_arg: Annotated[float, Field(ge=0, le=1)] = 1.0

    @model_validator(mode="after")
    def _ratio_with_a_sampler_that_has_one(self) -> Self:
        if self.otel_traces_sampler_arg != 1 and not self.otel_traces_sampler.endswith("traceidratio"):
            raise ValueError("OTEL_TRACES_SAMPLER_ARG is a ratio: set OTEL_TRACES_SAMPLER=parentbased_traceidratio")
        return self

    @property
    def sampled_share(self) -> float:
        """The share of traces that are recorded, of those that begin here."""
        if self.otel_traces_sampler.endswith("always_off"):
            return 0.0
        return self.otel_traces_sampler_arg
