"""Every process stops within MAX_STOP_SECONDS, and what runs it waits longer (docs/streams.md#shutdown)."""

from __future__ import annotations

import re

import pytest
import yaml

from attendance_service.use_cases import settling
from development.up.supervisor import STOP_SECONDS
from gateway.presence_socket import app as presence_socket
from gateway.presence_socket.server import CLOSE_FRAME_TIMEOUT_SECONDS
from heartbeat_relay.pool import STREAM_END_TIMEOUT_SECONDS
from servicekit.rpc.server import MAX_STOP_SECONDS, STOP_GRACE_SECONDS
from servicekit.settings import MAX_SHUTDOWN_DELAY_SECONDS
from servicekit.tracing import tracing
from testkit.source_tree import ROOT
from tracking_service import app as tracking
from tracking_service.ingest.group_commit import MAX_LAST_WRITE_SECONDS
from tracking_service.servicer.heartbeat_stream import MAX_HALF_CLOSE_SECONDS

#: How long the steps of a stop may take, one after the other, by the name of the process in docker-compose.yml.
STEPS = {
    "tracking": [
        MAX_SHUTDOWN_DELAY_SECONDS,
        tracking.MAX_DRAIN_SECONDS,
        # At the same time: the last write, and the answers to the calls that wait for it.
        max(tracking.MAX_LAST_CALLS_SECONDS, MAX_LAST_WRITE_SECONDS),
        tracking.MAX_COVERAGE_SECONDS,
    ],
    "attendance": [max(MAX_SHUTDOWN_DELAY_SECONDS + STOP_GRACE_SECONDS, settling.MAX_STOP_SECONDS)],
    "presence-socket": [
        presence_socket.MAX_CLOSE_SECONDS,
        # At the same time: the last events, and the last spans.
        max(presence_socket.MAX_FLUSH_SECONDS + STREAM_END_TIMEOUT_SECONDS, tracing.MAX_STOP_SECONDS),
    ],
}
GATEWAY = (ROOT / "gateway" / "envoy.yaml").read_text()
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


@pytest.mark.parametrize("process", STEPS)
def test_the_steps_of_a_stop_fit_into_its_limit(process: str) -> None:
    assert sum(STEPS[process]) < MAX_STOP_SECONDS


@pytest.mark.parametrize("process", STEPS)
def test_a_container_that_stops_in_time_is_not_killed(process: str) -> None:
    assert float(COMPOSE[process]["stop_grace_period"].removesuffix("s")) > MAX_STOP_SECONDS


def test_make_up_kills_no_process_that_stops_in_time() -> None:
    assert STOP_SECONDS > MAX_STOP_SECONDS


def test_a_client_that_does_not_half_close_its_stream_does_not_use_up_the_time_of_all() -> None:
    assert MAX_HALF_CLOSE_SECONDS < tracking.MAX_DRAIN_SECONDS


def test_one_page_that_does_not_answer_the_close_frame_ends_before_the_wait_for_all_pages() -> None:
    assert CLOSE_FRAME_TIMEOUT_SECONDS < presence_socket.MAX_CLOSE_SECONDS


@pytest.mark.parametrize("process", ["tracking", "attendance"])
def test_containers_take_calls_until_the_gateway_has_noticed_that_they_stop(process: str) -> None:
    delay = COMPOSE[process]["environment"]["SHUTDOWN_DELAY_SECONDS"]
    (interval,) = re.findall(r"interval: &check_interval (\d+)s\n", GATEWAY)
    (timeout,) = set(re.findall(r"- grpc_health_check: .*\n +timeout: (\d+)s\n", GATEWAY))
    assert float(delay.removeprefix("${SHUTDOWN_DELAY_SECONDS:-").removesuffix("}")) >= int(interval) + int(timeout)
