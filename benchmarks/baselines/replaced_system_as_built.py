"""The replaced system as it was built: FastAPI on Uvicorn, and a new connection to the database for each heartbeat.

FastAPI and Uvicorn are no packages of the project: whoever measures this installs them. As with the lean replaced
system, clients keep their connections, and the database is reached over its Unix socket, without a password.
"""

from __future__ import annotations

import socket
import sys
import threading
from typing import Annotated

import uvicorn
from fastapi import FastAPI, Header
from pydantic import BaseModel

from benchmarks.baselines.replaced_system import ReplacedSystemPlan, record
from benchmarks.child_process import answer
from benchmarks.load.messages import Ready


class Heartbeat(BaseModel):
    """The documented body of a heartbeat."""

    session_id: int
    user_type: str
    activity_type: str = "heartbeat"


def application(plan: ReplacedSystemPlan) -> FastAPI:
    """Return the application with its documented path."""
    app = FastAPI()

    # Not a coroutine: FastAPI runs it in its pool of threads, as the driver blocks.
    def heartbeat(session_id: int, body: Heartbeat, authorization: Annotated[str, Header()]) -> dict[str, object]:
        return record(plan, session_id, authorization) | {"activity_type": body.activity_type}

    app.add_api_route("/api/whiteboard/sessions/{session_id}/heartbeat", heartbeat, methods=["POST"])
    return app


def main() -> None:
    """Serve until standard input ends."""
    plan = ReplacedSystemPlan.model_validate_json(sys.stdin.readline())
    # A line per request would go to standard output, which has the answers.
    server = uvicorn.Server(uvicorn.Config(application(plan), log_level="warning", access_log=False))

    def stop_at_the_end_of_input() -> None:
        sys.stdin.read()
        server.should_exit = True

    listening = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=stop_at_the_end_of_input, daemon=True).start()
    answer(Ready(port=listening.getsockname()[1]))
    server.run(sockets=[listening])


if __name__ == "__main__":
    main()
