"""The listener where Prometheus reads the gateway's metrics, and nothing else of Envoy's administration.

Whoever reaches the admin socket may stop Envoy, so only the owner of its file can. This passes on one path of it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from gateway.settings import GatewaySettings

METRICS_PATH: Final = "/stats/prometheus"
#: Of the cluster and the listener, in Envoy's own metrics.
_ADMIN: Final = "admin"
_NAME: Final = "metrics"
#: Shorter than the time that Prometheus gives a scrape (10 s).
_TIMEOUT: Final = "8s"
_EXTENSIONS: Final = "type.googleapis.com/envoy.extensions.filters"


def listener(settings: GatewaySettings) -> str:
    """Return an item of Envoy's list of listeners, or nothing if no port is set."""
    if settings.gateway_metrics_port is None:
        return ""
    address = {"address": str(settings.gateway_metrics_listen_address), "port_value": settings.gateway_metrics_port}
    return _item(
        name=_NAME,
        address={"socket_address": address},
        # Otherwise two gateways on one port would take turns in answering.
        enable_reuse_port=False,
        filter_chains=[{"filters": [_manager()]}],
    )


def cluster(settings: GatewaySettings, admin_socket: Path) -> str:
    """Return an item of Envoy's list of clusters, or nothing if no port is set."""
    if settings.gateway_metrics_port is None:
        return ""
    endpoint = {"endpoint": {"address": {"pipe": {"path": str(admin_socket)}}}}
    return _item(
        name=_ADMIN,
        type="STATIC",
        load_assignment={"cluster_name": _ADMIN, "endpoints": [{"lb_endpoints": [endpoint]}]},
    )


def _manager() -> dict[str, Any]:
    router = {"@type": f"{_EXTENSIONS}.http.router.v3.Router"}
    only_reading = {"name": ":method", "string_match": {"exact": "GET"}}
    route = {
        "match": {"path": METRICS_PATH, "headers": [only_reading]},
        "route": {"cluster": _ADMIN, "timeout": _TIMEOUT},
    }
    configuration = {
        "@type": f"{_EXTENSIONS}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": _NAME,
        "http_filters": [{"name": "envoy.filters.http.router", "typed_config": router}],
        "route_config": {"virtual_hosts": [{"name": _NAME, "domains": ["*"], "routes": [route]}]},
    }
    return {"name": "envoy.filters.network.http_connection_manager", "typed_config": configuration}


def _item(**fields: object) -> str:
    """Return an item of a YAML list; JSON is YAML."""
    return f"- {json.dumps(fields)}"
