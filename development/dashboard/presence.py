"""Questions about presence: from who is here to the facts that follow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from development.dashboard.parts import Panel, Query, Question, quantiles, rate

PRESENCE: Final[Sequence[Question]] = (
    Question(
        text="Who is here?",
        panels=(
            Panel(
                title="People who are present",
                description="Open presence intervals, of all replicas.",
                unit="short",
                queries=(Query("max(tracking_open_intervals)", "present"),),
            ),
            Panel(
                title="Sockets, streams, watches",
                description="What is open. It falls at once if a gateway or a presence socket ends.",
                unit="short",
                queries=(
                    Query("sum(presence_socket_connections)", "sockets"),
                    Query("sum(tracking_heartbeat_streams)", "streams"),
                    Query("sum(tracking_status_watches)", "watches"),
                ),
            ),
            Panel(
                title="Events that become durable",
                description="By kind. Zero during lessons: nothing arrives, or nothing can be recorded.",
                unit="cps",
                queries=(Query(rate("tracking_events_appended_total", "kind"), "{{kind}}"),),
            ),
            Panel(
                title="Processes that answer",
                description="By job. ServiceDown, ReplicaDown.",
                unit="short",
                queries=(Query("sum by (job) (up)", "{{job}}"),),
            ),
        ),
    ),
    Question(
        text="Are acknowledgements late?",
        panels=(
            Panel(
                title="From taken in to acknowledged",
                description="AcksLate. A call gives up after 5 s.",
                unit="s",
                queries=quantiles("tracking_ack_seconds"),
                limit=2.5,
            ),
            Panel(
                title="An append to the journal",
                description="If this is slow, it is the database; if only acknowledgements are, it is the process.",
                unit="s",
                queries=quantiles("tracking_append_seconds"),
            ),
            Panel(
                title="The queue in front of the journal",
                description="QueueNearlyFull. A full queue reads no streams and refuses calls.",
                unit="percentunit",
                queries=(Query("max by (instance) (tracking:append_queue:ratio)", "{{instance}}"),),
                limit=0.8,
            ),
            Panel(
                title="Able to record",
                description="CannotRecord if most are 0, ReplicaCannotRecord if one is.",
                unit="none",
                queries=(Query("tracking_able_to_record", "{{instance}}"),),
            ),
            Panel(
                title="What presence sockets wait for",
                description="SocketsNotRecorded. At 500,000 a process loses the oldest.",
                unit="short",
                queries=(Query("presence_socket_events_unconfirmed", "{{instance}}"),),
            ),
            Panel(
                title="Appends that fail",
                description="Failures, and other transactions that were in the way.",
                unit="cps",
                queries=(
                    Query(rate("tracking_append_failures_total", "instance"), "failures {{instance}}"),
                    Query(rate("tracking_append_conflicts_total", "instance"), "conflicts {{instance}}"),
                ),
            ),
        ),
    ),
    Question(
        text="Are we blind?",
        panels=(
            Panel(
                title="Since when nobody could have been missed",
                description="NotObserving, if the lowest is above the line.",
                unit="s",
                queries=(Query("tracking_coverage_age_seconds", "{{instance}}"),),
                limit=60,
            ),
            Panel(
                title="Observation gaps within an hour",
                description="ObservationGaps. Suggestions that touch one are less sure.",
                unit="short",
                queries=(Query("sum by (instance) (increase(tracking_observation_gaps_total[1h]))", "{{instance}}"),),
                limit=3,
            ),
            Panel(
                title="The worst clock of a relay",
                description="RelayClockOff.",
                unit="s",
                queries=(Query("max(tracking_relay_clock_offset_max_seconds)", "off by"),),
                limit=5,
            ),
        ),
    ),
    Question(
        text="Is folding behind?",
        panels=(
            Panel(
                title="Age of the oldest event without facts",
                description="FoldingBehind, FoldingStandsStill.",
                unit="s",
                queries=(
                    Query("tracking_folding_lag_seconds", "{{instance}}"),
                    Query("tracking:folding_lag_seconds:max", "counts"),
                ),
                limit=120,
            ),
            Panel(
                title="A fold",
                description="One transaction. Some 50 ms are usual.",
                unit="s",
                queries=quantiles("tracking_fold_seconds"),
            ),
            Panel(
                title="What folding gives up",
                description="Folds that fail are tried again. SessionsIsolated: a session that was left out.",
                unit="short",
                queries=(
                    Query("sum(increase(tracking_fold_failures_total[5m]))", "failures"),
                    Query("sum(increase(tracking_isolated_sessions_total[5m]))", "sessions left out"),
                ),
            ),
        ),
    ),
)
