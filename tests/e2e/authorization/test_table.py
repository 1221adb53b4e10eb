"""Every call of the table, made by every caller on every way in, is answered as the table says."""

from __future__ import annotations

import pytest
from google.protobuf.descriptor import MethodDescriptor

from astegni.attendance.v1 import attendance_pb2
from astegni.tracking.v1 import tracking_pb2
from development.authorization import TABLE, Caller
from tests.e2e.authorization.doors import Addresses, Door, grpc_door, has_rest_path, rest
from tests.e2e.authorization.people import headers
from tests.e2e.authorization.requests import request_of
from tests.integration.attendance.platform import Platform

METHODS = [
    method
    for file in (tracking_pb2.DESCRIPTOR, attendance_pb2.DESCRIPTOR)
    for service in file.services_by_name.values()
    for method in service.methods
    if method.name in TABLE[service.name]
]
EACH_REST_CALL = pytest.mark.parametrize("method", [*filter(has_rest_path, METHODS)], ids=lambda method: method.name)
EACH_CALL = pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
#: What a caller gets who was not refused: in the new lessons of this test there is nothing to withdraw.
NOT_REFUSED = frozenset({"", "NOTHING_TO_WITHDRAW"})


def answers(door: Door, method: MethodDescriptor, platform: Platform) -> dict[str, str]:
    """Return the refusal of each caller by their name."""
    refusals = {
        caller.value: door(method, request_of(method.name, caller, platform), headers(caller)) for caller in Caller
    }
    return {name: "" if refusal in NOT_REFUSED else refusal for name, refusal in refusals.items()}


def expected(method: MethodDescriptor) -> dict[str, str]:
    rule = TABLE[method.containing_service.name][method.name]
    return {caller.value: rule.refusal(caller) for caller in Caller}


@EACH_CALL
def test_on_the_services_own_ports(method: MethodDescriptor, addresses: Addresses, platform: Platform) -> None:
    with grpc_door(addresses.of) as door:
        assert answers(door, method, platform) == expected(method)


@EACH_CALL
def test_by_grpc_through_the_gateway(method: MethodDescriptor, addresses: Addresses, platform: Platform) -> None:
    if method.containing_service.name == "PresenceQueryService":
        refusals = dict.fromkeys(expected(method), "UNIMPLEMENTED")
    else:
        refusals = expected(method)
    # Of its own refusals the gateway has no reason to send with gRPC.
    refusals[Caller.STRANGER.value] = "UNAUTHENTICATED"
    with grpc_door(lambda _method: addresses.gateway) as door:
        assert answers(door, method, platform) == refusals


@pytest.mark.parametrize(
    "method", [method for method in METHODS if has_rest_path(method)], ids=lambda method: method.name
)
def test_by_rest(method: MethodDescriptor, addresses: Addresses, platform: Platform) -> None:
    with rest(addresses.gateway) as door:
        assert answers(door, method, platform) == expected(method)
