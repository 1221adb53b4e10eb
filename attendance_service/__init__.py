"""Judgement and decision: suggests attendance from the tracking service's facts and keeps what people decide."""

from __future__ import annotations

import servicekit as _servicekit  # noqa: F401 - before gRPC, for which it sets a variable
