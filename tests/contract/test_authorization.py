"""The table of who may make which call is complete, and docs/authorization.md shows it."""

from __future__ import annotations

from astegni.attendance.v1 import attendance_pb2
from astegni.tracking.v1 import tracking_pb2
from development.authorization import DOCUMENT, PRESENCE, TABLE, Caller, document
from servicekit.errors import DomainError
from tests.contract.packages import subclasses


def test_every_call_has_a_row() -> None:
    services = [
        service
        for file in (tracking_pb2.DESCRIPTOR, attendance_pb2.DESCRIPTOR)
        for service in file.services_by_name.values()
    ]
    rows = {service: set(rules) for service, rules in TABLE.items()}
    assert rows == {service.name: {method.name for method in service.methods} for service in services}


def test_the_document_is_up_to_date() -> None:
    assert DOCUMENT.read_text() == document(), "write it again with: make authorization"


def test_every_reason_of_the_table_is_that_of_an_error() -> None:
    reasons = {
        rule.refusal(caller) for rules in (*TABLE.values(), PRESENCE) for rule in rules.values() for caller in Caller
    }
    assert reasons - {""} <= {error.reason for error in subclasses(DomainError)}
