"""Envoy's part of traces: a span for each request, which the services' spans belong to (docs/traces.md)."""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import urlsplit

from gateway.settings import GatewaySettings

#: Of the cluster, in Envoy's own metrics.
_COLLECTOR: Final = "traces"
#: What traces call the gateway.
_SERVICE: Final = "gateway"
#: Spans that the collector does not take within this time are dropped.
_TIMEOUT: Final = "2s"
_CONNECT_TIMEOUT: Final = "1s"
_PERCENT: Final = 100
_HTTP2: Final = {
    "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
        "explicit_http_config": {"http2_protocol_options": {}},
    }
}


def tracing(settings: GatewaySettings) -> dict[str, Any] | None:
    """Return the `tracing` of the connection manager, or None if no collector is set."""
    if not settings.otel_exporter_otlp_endpoint:
        return None
    return {
        "provider": {
            "name": "envoy.tracers.opentelemetry",
            "typed_config": {
                "@type": "type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig",
                "grpc_service": {"envoy_grpc": {"cluster_name": _COLLECTOR}, "timeout": _TIMEOUT},
                "service_name": _SERVICE,
            },
        },
        "random_sampling": {"value": settings.sampled_share * _PERCENT},
        # Paths have ids, and query strings the names that people search for. The services' spans have the method.
        "max_path_tag_length": 0,
    }


def cluster(settings: GatewaySettings) -> str:
    """Return an item of Envoy's list of clusters, or nothing if no collector is set."""
    if not settings.otel_exporter_otlp_endpoint:
        return ""
    collector = urlsplit(settings.otel_exporter_otlp_endpoint)
    address = {"socket_address": {"address": collector.hostname, "port_value": collector.port}}
    tls = {
        "name": "envoy.transport_sockets.tls",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
            "sni": collector.hostname,
        },
    }
    item = {
        "name": _COLLECTOR,
        "type": "STRICT_DNS",
        "connect_timeout": _CONNECT_TIMEOUT,
        "typed_extension_protocol_options": _HTTP2,
        "load_assignment": {
            "cluster_name": _COLLECTOR,
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": address}}]}],
        },
        **({"transport_socket": tls} if collector.scheme == "https" else {}),
    }
    return f"- {json.dumps(item)}"
