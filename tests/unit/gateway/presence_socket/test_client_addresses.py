"""Refusals are counted by client address, so that one stranger does not look like many people."""

from __future__ import annotations

from gateway.presence_socket.client_addresses import LATELY_SECONDS, RefusedAddresses, address_in


def test_an_address_counts_once_however_often_it_is_refused() -> None:
    refused = RefusedAddresses()
    for _ in range(1_000):
        refused.note("192.0.2.1")
    refused.note("192.0.2.2")
    assert refused.count() == 2


def test_an_address_counts_for_a_minute_after_its_last_refusal() -> None:
    clock = [0.0]
    refused = RefusedAddresses(clock=lambda: clock[0])
    refused.note("192.0.2.1")
    refused.note("192.0.2.2")
    clock[0] = LATELY_SECONDS / 2
    refused.note("192.0.2.1")
    clock[0] = LATELY_SECONDS
    assert refused.count() == 1


def test_no_more_addresses_are_kept_than_a_limit() -> None:
    refused = RefusedAddresses(limit=10)
    for number in range(100):
        refused.note(f"192.0.2.{number}")
    assert refused.count() == 10


def test_the_address_is_read_from_a_request_that_nobody_has_parsed() -> None:
    request = b"GET /ws/whiteboard/1?x-client-address:1 HTTP/1.1\r\nHost: x\r\nX-Client-Address: 192.0.2.1 \r\n\r\n"
    assert address_in(request) == "192.0.2.1"
    assert address_in(b"GET / HTTP/1.1\r\nx-client-address: 2001:db8::1\r\n\r\n") == "2001:db8::/64"
    assert address_in(b"GET / HTTP/1.1\r\n\r\n") == ""
