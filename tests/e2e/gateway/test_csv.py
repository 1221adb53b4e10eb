"""Reports as CSV: the gateway passes on the service's bytes."""

from __future__ import annotations

import httpx
import pytest
from google.api import httpbody_pb2

from tests.e2e.gateway.answers import reason
from tests.e2e.gateway.upstream import Upstream

CSV = "text/csv; charset=utf-8"
NAME = "\N{ETHIOPIC SYLLABLE HA}"


@pytest.fixture(autouse=True)
def answers(upstream: Upstream) -> None:
    body = httpbody_pb2.HttpBody(content_type=CSV, data=f"tutor_name\r\n{NAME}\r\n".encode())
    upstream.answers["ExportTutorAttendanceRates"] = lambda _request, _context: body


def test_a_spreadsheet_arrives_as_it_was_written(api: httpx.Client) -> None:
    answer = api.get("/api/reports/tutor-attendance.csv")
    assert answer.headers["content-type"] == CSV
    assert answer.text == f"tutor_name\r\n{NAME}\r\n"


def test_its_limits_arrive(api: httpx.Client, upstream: Upstream) -> None:
    api.get("/api/reports/tutor-attendance.csv", params={"date_from": "2026-03-01", "date_to": "2026-03-31"})
    assert (upstream.request.date_from, upstream.request.date_to) == ("2026-03-01", "2026-03-31")


@pytest.mark.parametrize("written", [";", "%3B"])
def test_its_separator_arrives(api: httpx.Client, upstream: Upstream, written: str) -> None:
    api.get(f"/api/reports/tutor-attendance.csv?separator={written}&date_from=2026-03-01")
    assert (upstream.request.separator, upstream.request.date_from) == (";", "2026-03-01")


def test_its_grouping_arrives(api: httpx.Client, upstream: Upstream) -> None:
    api.get("/api/reports/lesson-outcomes.csv", params={"group_by": "student", "separator": ";"})
    assert (upstream.request.group_by, upstream.request.separator) == ("student", ";")


def test_the_student_of_the_path_arrives(api: httpx.Client, upstream: Upstream) -> None:
    api.get("/api/reports/students/28/attendance.csv")
    assert upstream.request.student_id == 28


def test_a_failure_is_json(api: httpx.Client) -> None:
    assert reason(api.get("/api/reports/suggestion-accuracy.csv"), 404) == "NOT_FOUND"


def test_a_csv_file_can_not_be_requested_in_pages(api: httpx.Client) -> None:
    assert reason(api.get("/api/reports/tutor-attendance.csv", params={"page_size": 5}), 400) == "REQUEST_INVALID"
