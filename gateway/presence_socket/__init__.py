"""The presence socket: as long as a page's WebSocket lives, its user is present.

docs/presence-socket.md is the contract with the pages.
"""

from __future__ import annotations

import servicekit as _servicekit  # noqa: F401 - before gRPC, for which it sets a variable
