"""Spans of SQL statements: their text, in which parameters are placeholders."""

from __future__ import annotations

from typing import Any, Final

from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, get_current_span
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine, ExceptionContext

#: Under this name a connection keeps the span of the statement that it executes.
_SPAN: Final = "span"


def trace_statements(engine: Engine, tracer: Tracer) -> None:
    """Make a span of each statement that is executed for a call that is recorded; work of no call has none."""

    def begin(connection: Connection, _cursor: object, statement: str, *_others: object) -> None:
        if get_current_span().is_recording():
            text = _on_one_line(statement)
            connection.info[_SPAN] = tracer.start_span(
                text.partition(" ")[0].upper(),
                kind=SpanKind.CLIENT,
                attributes={"db.system.name": "postgresql", "db.query.text": text},
            )

    def end(connection: Connection, *_others: object) -> None:
        span: Span | None = connection.info.pop(_SPAN, None)
        if span is not None:
            span.end()

    def fail(failure: ExceptionContext) -> None:
        if failure.connection is None or failure.connection.invalidated:
            return
        span: Span | None = failure.connection.info.pop(_SPAN, None)
        if span is not None:
            code: Any = getattr(failure.original_exception, "pgcode", None)
            span.set_attribute("db.response.status_code", code or "")
            # Its message may have values of rows.
            span.set_status(Status(StatusCode.ERROR))
            span.end()

    event.listen(engine, "before_cursor_execute", begin)
    event.listen(engine, "after_cursor_execute", end)
    event.listen(engine, "handle_error", fail)


def _on_one_line(statement: str) -> str:
    """Return a statement without lines that are comments, which would make comments of those after them."""
    lines = (line.strip() for line in statement.splitlines())
    return " ".join(" ".join(line.split()) for line in lines if line and not line.startswith("--"))
