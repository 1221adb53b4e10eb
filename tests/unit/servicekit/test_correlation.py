"""Which request a log line is about."""

from __future__ import annotations

import json
import logging

import pytest

from servicekit.correlation import Correlation, correlation_of, current_correlation
from servicekit.logs import JsonFormatter

REQUEST_ID = "3426b226-6751-91f8-9dbf-feb8157fa629"
TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE_ID}-b7ad6b7169203331-01"


def test_the_ids_of_a_call_are_read_and_passed_on() -> None:
    metadata = (("authorization", "Bearer x"), ("x-request-id", REQUEST_ID), ("traceparent", TRACEPARENT))
    found = correlation_of(metadata)
    assert (found.request_id, found.trace_id) == (REQUEST_ID, TRACE_ID)
    assert found.metadata() == metadata[1:]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("x-request-id", "a secret"),
        ("x-request-id", f"{REQUEST_ID}\n"),
        ("x-request-id", REQUEST_ID.encode()),
        ("traceparent", TRACE_ID),
        ("traceparent", f"00-{'0' * 32}-b7ad6b7169203331-01"),
        ("traceparent", f"00-{TRACE_ID}-{'0' * 16}-01"),
    ],
)
def test_what_has_not_the_form_of_an_id_counts_as_missing(key: str, value: str | bytes) -> None:
    assert correlation_of([(key, value)]) == Correlation()


def test_a_log_line_has_the_ids_of_its_request_and_of_no_other() -> None:
    formatter, record = JsonFormatter("test"), logging.makeLogRecord({"msg": "hello"})
    token = current_correlation.set(Correlation(REQUEST_ID, TRACEPARENT))
    during = json.loads(formatter.format(record))
    current_correlation.reset(token)
    afterwards = json.loads(formatter.format(record))
    assert (during["request_id"], during["trace_id"]) == (REQUEST_ID, TRACE_ID)
    assert not {"request_id", "trace_id"} & afterwards.keys()
