"""Questions about the services: who is refused, what fails, what waits, and what runs out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from development.dashboard.parts import RANGE, Panel, Query, Question, rate

SERVICES: Final[Sequence[Question]] = (
    Question(
        text="Who is refused, and why?",
        panels=(
            Panel(
                title="Tokens that the gateway refuses",
                description="TokensRefused. The access log says why.",
                unit="percentunit",
                queries=(Query("gateway:tokens_refused:ratio_rate1m", "refused"),),
                limit=0.5,
            ),
            Panel(
                title="Events that are rejected",
                description="EventsRejected. By the reason that the client got (docs/errors.md).",
                unit="cps",
                queries=(Query(rate("tracking_events_rejected_total", "reason"), "{{reason}}"),),
            ),
            Panel(
                title="Limits",
                description="LimitsHit, GatewayLimitsCallers.",
                unit="cps",
                queries=(
                    Query(rate("limits_hit_total", "job", "limit"), "{{job}} {{limit}}"),
                    Query(
                        rate("envoy_http_local_rate_limit_enforced", "envoy_local_http_ratelimit_prefix"),
                        "gateway: {{envoy_local_http_ratelimit_prefix}}",
                    ),
                ),
            ),
            Panel(
                title="Sockets that are refused or closed",
                description="SocketsRefused. Close codes: docs/presence-socket.md#closing.",
                unit="cps",
                queries=(
                    Query(rate("presence_socket_refused_total", "reason"), "refused {{reason}}"),
                    Query(rate("presence_socket_closed_total", "code"), "closed {{code}}"),
                ),
            ),
        ),
    ),
    Question(
        text="Do calls fail, or take long?",
        panels=(
            Panel(
                title="Answers of the gateway",
                description="By class of status.",
                unit="reqps",
                queries=(
                    Query(
                        rate(
                            'envoy_http_downstream_rq_xx{envoy_http_conn_manager_prefix="gateway"}',
                            "envoy_response_code_class",
                        ),
                        "{{envoy_response_code_class}}xx",
                    ),
                ),
            ),
            Panel(
                title="5xx",
                description="GatewayErrors.",
                unit="percentunit",
                queries=(Query("gateway:http_5xx:ratio_rate1m", "5xx"),),
                limit=0.05,
            ),
            Panel(
                title="Methods that fail",
                description="CallsFail. What callers may not do is not counted.",
                unit="percentunit",
                queries=(
                    Query(
                        "job_method:grpc_server_failures:rate1m / job_method:grpc_server_handled:rate1m",
                        "{{job}} {{grpc_method}}",
                    ),
                ),
                limit=0.05,
            ),
            Panel(
                title="The slowest of a hundred calls",
                description="CallsSlow.",
                unit="s",
                queries=(Query("job_method:grpc_server_handling_seconds:p99_5m", "{{job}} {{grpc_method}}"),),
                limit=2,
            ),
        ),
    ),
    Question(
        text="Do suggestions wait?",
        panels=(
            Panel(
                title="Lessons",
                description="Settled ones have a suggestion that is written down.",
                unit="short",
                queries=(Query("max by (state) (attendance_lessons)", "{{state}}"),),
            ),
            Panel(
                title="The lesson that has waited longest",
                description="SuggestionsWait.",
                unit="s",
                queries=(Query("max(attendance_oldest_unsettled_seconds)", "waits"),),
                limit=1800,
            ),
            Panel(
                title="The tracking service does not answer",
                description="TrackingUnavailable.",
                unit="cps",
                queries=(Query(rate("attendance_tracking_unavailable_total", "instance"), "{{instance}}"),),
            ),
            Panel(
                title="Claims that wait for an answer",
                description="For people, not for whoever is on call.",
                unit="short",
                queries=(Query("max(attendance_claims_waiting)", "claims"),),
            ),
        ),
    ),
    Question(
        text="What runs out?",
        panels=(
            Panel(
                title="Processor time",
                description="A Python process uses one core at most.",
                unit="percentunit",
                queries=(Query(f"rate(process_cpu_seconds_total{RANGE})", "{{job}} {{instance}}"),),
                limit=1,
            ),
            Panel(
                title="Memory",
                description="MemoryNearLimit. Of what the container or the machine allows.",
                unit="percentunit",
                queries=(Query("memory_used_bytes / memory_limit_bytes", "{{job}} {{instance}}"),),
                limit=0.85,
            ),
            Panel(
                title="Database connections in use",
                description="DatabasePoolExhausted.",
                unit="percentunit",
                queries=(
                    Query(
                        'database_pool_connections{state="in_use"} / ignoring (state) database_pool_size',
                        "{{job}} {{instance}}",
                    ),
                ),
                limit=1,
            ),
            Panel(
                title="File descriptors",
                description="FileDescriptorsRunOut.",
                unit="percentunit",
                queries=(Query("process_open_fds / process_max_fds", "{{job}} {{instance}}"),),
                limit=0.8,
            ),
        ),
    ),
)
