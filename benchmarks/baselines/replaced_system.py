"""The replaced system at its least: for each heartbeat a request, a new connection to the database, and one UPDATE.

The comparison is fair: clients keep their connections, tokens are verified by the same library, and the database is
reached over its Unix socket.
"""

from __future__ import annotations

import json
import sys
import threading
from contextlib import closing
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
import psycopg2
from pydantic import BaseModel

from benchmarks.child_process import answer
from benchmarks.load.messages import Ready

_UPDATE = """
    -- The time of a heartbeat, in the documented column.
    UPDATE whiteboard_sessions SET tutor_last_activity_at = now() WHERE id = %s
"""
#: Connections that may wait to be accepted; the default is 5.
_MAX_WAITING_CONNECTIONS = 128


class ReplacedSystemPlan(BaseModel):
    """The database, and the secret of the tokens. Answered with Ready."""

    url: str
    secret: str


def record(plan: ReplacedSystemPlan, session: int, authorization: str) -> dict[str, object]:
    """Verify the caller's token, write their heartbeat on a new connection, and return the answer."""
    claims = jwt.decode(authorization.removeprefix("Bearer "), plan.secret, algorithms=["HS256"])
    with closing(psycopg2.connect(plan.url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(_UPDATE, (session,))
    return {"success": True, "user_id": int(claims["sub"])}


class Server(ThreadingHTTPServer):
    """Serves each client's connection in a thread."""

    daemon_threads = True
    request_queue_size = _MAX_WAITING_CONNECTIONS

    def __init__(self, plan: ReplacedSystemPlan) -> None:
        self.plan = plan
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(BaseHTTPRequestHandler):
    """One client's connection."""

    server: Server
    protocol_version = "HTTP/1.1"
    # Headers and body are sent in one segment, else the client waits for a delayed acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """Record a heartbeat."""
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self._answer(record(self.server.plan, body["session_id"], self.headers["authorization"]))

    def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - the library's own signature
        """Log nothing: a line per request would cost more than the request."""

    def _answer(self, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(HTTPStatus.OK)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


def main() -> None:
    """Serve until standard input ends."""
    server = Server(ReplacedSystemPlan.model_validate_json(sys.stdin.readline()))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    answer(Ready(port=server.server_port))
    sys.stdin.read()
    server.shutdown()


if __name__ == "__main__":
    main()
