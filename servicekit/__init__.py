"""What both services share: identity, errors, server life cycle, database, settings, clock."""

from __future__ import annotations

import os

# gRPC reads it when it is imported. Below this level it writes lines of its own, which are no JSON, such as
# one for each client without a certificate.
os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
