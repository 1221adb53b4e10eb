"""The shape of every failure: google.rpc.Status as JSON."""

from __future__ import annotations

from typing import Any

import httpx

ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"


def failure(response: httpx.Response, status: int) -> dict[str, Any]:
    """Check the shape of a failure and return it."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    answer: dict[str, Any] = response.json()
    assert set(answer) == {"code", "message", "details"}
    assert answer["message"]
    return answer


def reason(response: httpx.Response, status: int) -> str:
    """Check the shape of a failure and return the reason in its one ErrorInfo."""
    infos = [detail for detail in failure(response, status)["details"] if detail["@type"] == ERROR_INFO]
    assert len(infos) == 1
    return str(infos[0]["reason"])
