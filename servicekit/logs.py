"""Log lines: one JSON object each, on standard error. Ids belong in them; tokens and notes never do."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

from servicekit.correlation import current_correlation

_STANDARD_ATTRIBUTES = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


#: gRPC passes a header on that is not UTF-8, but first logs the whole of it, as an error with a traceback.
_GRPC_LOGGER = "grpc._cython.cygrpc"
_FOREIGN_BYTES = "Invalid encoding on "


class JsonFormatter(logging.Formatter):
    """Formats a record, its `extra` values, and the ids of the request that it belongs to."""

    def __init__(self, service: str) -> None:
        """`service` is a field of every line."""
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """Return one line of JSON."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "service": self._service,
            "logger": record.name,
            "message": record.getMessage(),
        }
        correlation = current_correlation.get()
        if correlation.request_id:
            line["request_id"] = correlation.request_id
        if correlation.traceparent:
            line["trace_id"] = correlation.trace_id
        line.update({name: value for name, value in vars(record).items() if name not in _STANDARD_ATTRIBUTES})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def configure(service: str, level: str) -> None:
    """Send every log record of this process to standard error as JSON."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter(service))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.getLogger(_GRPC_LOGGER).addFilter(_is_ours)


def _is_ours(record: logging.LogRecord) -> bool:
    """Leave out what a caller wrote into a header: it could be a secret, and as many lines as they like."""
    return not record.getMessage().startswith(_FOREIGN_BYTES)
