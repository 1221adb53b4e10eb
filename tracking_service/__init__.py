"""Facts: takes in connects, heartbeats and disconnects, and knows who was connected when."""

from __future__ import annotations

import servicekit as _servicekit  # noqa: F401 - before gRPC, for which it sets a variable
