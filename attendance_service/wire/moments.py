"""Moments as google.protobuf.Timestamp."""

from __future__ import annotations

from datetime import datetime
from typing import overload

from google.protobuf.timestamp_pb2 import Timestamp


@overload
def timestamp(moment: datetime) -> Timestamp: ...
@overload
def timestamp(moment: datetime | None) -> Timestamp | None: ...
def timestamp(moment: datetime | None) -> Timestamp | None:
    """Return the same moment; None stays unset."""
    if moment is None:
        return None
    converted = Timestamp()
    converted.FromDatetime(moment)
    return converted
