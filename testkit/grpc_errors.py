"""Reads the details of gRPC errors in tests."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2
from grpc import aio

from servicekit.rpc.status import STATUS_DETAILS_KEY


async def refusal(call: Awaitable[Any]) -> tuple[grpc.StatusCode, str]:
    """Return the code of a call that is refused and the reason in its one ErrorInfo."""
    with pytest.raises(aio.AioRpcError) as refused:
        await call
    return refused.value.code(), reason(refused.value)


def reason(error: aio.AioRpcError) -> str:
    """Return the reason in an error's one ErrorInfo."""
    (info,) = details(error, error_details_pb2.ErrorInfo)
    return str(info.reason)


def details(error: aio.AioRpcError, kind: type[Any]) -> list[Any]:
    """Return the details of one type in an error."""
    packed = dict(error.trailing_metadata())[STATUS_DETAILS_KEY]
    status = status_pb2.Status.FromString(packed)
    unpacked = []
    for detail in status.details:
        value = kind()
        if detail.Unpack(value):
            unpacked.append(value)
    return unpacked
