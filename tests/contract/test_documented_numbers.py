"""Numbers that the documents state are those of the code."""

from __future__ import annotations

import re
from dataclasses import asdict

import pytest

from attendance_service.domain import facts, listing, students_at_risk
from attendance_service.settings import AttendanceSettings
from attendance_service.use_cases import bulk_accept
from gateway.presence_socket import activity as page_activity
from gateway.presence_socket import admission, descriptors, handler, legacy_sockets
from gateway.presence_socket.settings import PresenceSocketSettings
from gateway.settings import GatewaySettings
from heartbeat_relay import events, relay, retry_policy
from servicekit import gateway_probe
from servicekit.auth import issuer, keys, verifier
from servicekit.clock import MICROSECONDS_PER_SECOND
from servicekit.rpc import deadlines, server
from servicekit.settings import EnvironmentSettings
from testkit.source_tree import ROOT
from tracking_service import app, housekeeping, status_subscriptions
from tracking_service.domain import activity, connection_log, presence, relay_clocks, relay_coverage
from tracking_service.folding import sweeper
from tracking_service.ingest import coverage, fair_queue, group_commit, stream, stream_registry
from tracking_service.settings import TrackingSettings
from tracking_service.wire import frames


def setting(name: str, settings: type[EnvironmentSettings] = TrackingSettings) -> int:
    """Return the default of a setting."""
    return int(settings.model_fields[name].default)


@pytest.mark.parametrize(
    ("document", "statement"),
    [
        ("streams.md", f"up to {fair_queue.MAX_EVENTS_PER_FLUSH:,} events"),
        ("streams.md", f"starts at most every {group_commit.FLUSH_INTERVAL_SECONDS * 1000:.0f} ms"),
        ("streams.md", f"the writer holds {group_commit.MAX_QUEUED_EVENTS:,} events"),
        ("streams.md", f"{stream.MAX_UNACKNOWLEDGED:,} unacknowledged events"),
        ("streams.md", f"up to {stream_registry.MAX_ACKNOWLEDGEMENT_INTERVAL_SECONDS} s, because"),
        (
            "streams.md",
            f"after {group_commit.MIN_RETRY_PAUSE_SECONDS} to {group_commit.MAX_RETRY_PAUSE_SECONDS:.0f} s, and",
        ),
        ("streams.md", f"remembered for {sweeper.STREAM_LIFETIME_HOURS} hours"),
        ("streams.md", f"streams get {app.MAX_DRAIN_SECONDS:.0f} s"),
        ("streams.md", f"takes at most {server.MAX_STOP_SECONDS:.0f} s"),
        ("operations.md", f"takes up to {server.MAX_STOP_SECONDS:.0f} s"),
        (
            "streams.md",
            f"the gateway's ({setting('gateway_timeout_seconds', GatewaySettings)} s) ends the call",
        ),
        ("operations.md", f"for each {handler.RECONNECTS_PER_SECOND} sockets"),
        ("presence-socket.md", f"One process lets {admission.MAX_QUEUED:,} pages wait"),
        ("presence-socket.md", f"`retry-after: {admission.RETRY_AFTER_SECONDS}`"),
        ("presence-socket.md", f"legacy sockets every {legacy_sockets.PING_INTERVAL_SECONDS:.0f} s"),
        ("presence-socket.md", f"One process keeps {legacy_sockets.MAX_LEGACY_SOCKETS:,} of them"),
        ("presence-socket.md", f"expired more than {verifier.CLOCK_SKEW_SECONDS} s ago"),
        ("streams.md", f"answered within {deadlines.MAX_ANSWER_SECONDS:.0f} s"),
        ("streams.md", f"expired more than {verifier.CLOCK_SKEW_SECONDS} s ago"),
        ("suggestions.md", f"One call takes up to {bulk_accept.MAX_SESSIONS} sessions"),
        ("suggestions.md", f"within {facts.NEARBY.total_seconds() / 60:.0f} minutes before or after it"),
        ("reports.md", f"`page_size` is 1 to {listing.MAX_PAGE_SIZE}, by default {listing.DEFAULT_PAGE_SIZE}"),
        ("policies.md", f"(`page_size` up to {listing.MAX_PAGE_SIZE})"),
        ("api.md", f"batches of up to {frames.MAX_EVENTS_PER_BATCH}"),
        ("api.md", f"(up to {listing.MAX_TOTAL_SIZE};"),
        ("api.md", f"A search has up to {listing.MAX_SEARCH_CHARACTERS} characters"),
        ("api.md", f"the current state is sent every {status_subscriptions.REPEAT_SECONDS:.0f} s"),
        ("identity.md", f"A file has {keys.MAX_KEYS} keys at most"),
        ("identity.md", f"(role `service`, {issuer.SERVICE_TOKEN_LIFETIME.total_seconds() / 60:.0f} minutes)"),
        ("identity.md", f"accepted for {verifier.CLOCK_SKEW_SECONDS} s more"),
        ("presence.md", f"than the presence timeout ({setting('presence_timeout_seconds')} s)"),
        ("streams.md", f"`MAX_STREAM_AGE_SECONDS` ({setting('max_stream_age_seconds')}) after"),
        ("presence.md", f"(`BACKFILL_LIMIT_HOURS`, {setting('backfill_limit_hours')})"),
        ("presence.md", f"intervals every {housekeeping.SWEEP_INTERVAL_SECONDS} s"),
        ("presence.md", f"the row every {coverage.COVERAGE_INTERVAL_SECONDS} s"),
        ("presence.md", f"stood still for more than {coverage.MAX_STANDSTILL_SECONDS} s"),
        ("presence.md", f"full queue for more than {coverage.MAX_BRIEFLY_FULL_SECONDS:.0f} s"),
        ("presence.md", f"through it for more than {gateway_probe.MAX_SILENCE_SECONDS:.0f} s"),
        ("presence.md", f"A time of up to {relay_coverage.MAX_UNRECORDED // MICROSECONDS_PER_SECOND} s is no gap"),
        ("presence.md", f"two periods of {relay_clocks.WINDOW // MICROSECONDS_PER_SECOND} s"),
        ("presence.md", f"the same within {relay_clocks.MAX_VARIATION // MICROSECONDS_PER_SECOND} s"),
        ("presence.md", f"more than {relay_clocks.MAX_OFFSET // MICROSECONDS_PER_SECOND} s, the relay's clock is off"),
        ("presence.md", f"after {sweeper.STREAM_LIFETIME_HOURS} h without use"),
        (
            "presence.md",
            f"more than {connection_log.MAX_UNFOLDED} entries, it is folded to {connection_log.MAX_ENTRIES}",
        ),
        ("presence.md", f"{presence.MAX_OPEN_CONNECTIONS} open connections are remembered"),
        ("presence.md", f"{activity.MAX_TYPES_PER_PERIOD} types of activity in half a minute"),
        ("presence-socket.md", f"more than {page_activity.MESSAGES_PER_SECOND} messages a second"),
        ("presence-socket.md", f"(after a burst of {page_activity.BURST:,})"),
        ("presence-socket.md", f"has {setting('max_sockets_per_user', PresenceSocketSettings)} sockets open"),
        (
            "presence-socket.md",
            f"opens more than {setting('max_socket_opens_per_minute_per_user', PresenceSocketSettings)} a minute",
        ),
        ("presence-socket.md", f"With {descriptors.RESERVE} file descriptors left"),
        ("presence-socket.md", f"{legacy_sockets.MAX_LEGACY_SOCKETS_PER_ADDRESS} for each client address"),
        ("relay-client.md", f"`capacity` events ({relay.CAPACITY:,} by default"),
        ("relay-client.md", f"`flush_seconds` ({relay.FLUSH_TIMEOUT_SECONDS:.0f})"),
        ("relay-client.md", f"`linger_seconds` ({relay.LINGER_SECONDS})"),
        ("relay-client.md", f"`session_ids=[...]` (up to {events.MAX_SESSIONS_PER_GAP})"),
        ("relay-client.md", f"first after {retry_policy.MIN_DELAY_SECONDS} s"),
        ("relay-client.md", f"with delays of up to {retry_policy.MAX_DELAY_SECONDS:.0f} s"),
        (
            "gateway.md",
            f"`TRACKING_DEADLINE_SECONDS` ({setting('tracking_deadline_seconds', AttendanceSettings)})",
        ),
        ("tls.md", f"From {setting('tls_expiry_warning_days', GatewaySettings)} days before its end on"),
    ],
)
def test_a_documented_number_is_that_of_the_code(document: str, statement: str) -> None:
    assert statement in " ".join((ROOT / "docs" / document).read_text().split())


def test_the_documented_limits_of_students_at_risk_are_those_of_the_code() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \|", (ROOT / "docs" / "reports.md").read_text(), re.MULTILINE)
    assert {name: int(value) for name, value in rows} == asdict(students_at_risk.RISK_LIMITS)


def test_the_gateway_allows_the_same_difference_of_clocks_as_the_services() -> None:
    configuration = (ROOT / "gateway" / "token_filter.yaml").read_text()
    assert f"clock_skew_seconds: {verifier.CLOCK_SKEW_SECONDS}\n" in configuration


def test_activity_is_counted_by_the_half_minute_as_documented() -> None:
    assert activity.PERIOD * 2 == activity.MINUTE
