"""Relay one whiteboard session: its tutor and its student connect, send heartbeats, draw, and disconnect.

The service must know the session and its participants; `make up` creates session 1 with tutor 101 and student 201.
"""
# ruff: noqa: T201 - it prints

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from functools import partial
from pathlib import Path

import grpc

from astegni.tracking.v1.tracking_pb2 import PresenceEvent
from heartbeat_relay import HeartbeatRelay, RelayError, Token, UserType

#: Far more often than the service asks for, so that a few seconds show something.
HEARTBEAT_SECONDS = 0.5
#: The student draws at every fourth heartbeat.
HEARTBEATS_PER_STROKE = 4


async def relay_session(options: argparse.Namespace, token: Token) -> None:
    """Relay the session and print what was delivered; RelayError."""
    participants: list[tuple[UserType, int]] = [("tutor", options.tutor), ("student", options.student)]
    credentials = grpc.ssl_channel_credentials(options.ca_file.read_bytes()) if options.ca_file else None
    async with HeartbeatRelay(options.target, token, on_rejection=print_rejection, credentials=credentials) as relay:
        await relay.opened()
        print(f"Connected; the service asks for a heartbeat every {relay.heartbeat_interval.total_seconds():g} s.")
        for role, user_id in participants:
            relay.connect(session_id=options.session, user_id=user_id, user_type=role)
        for number in range(round(options.seconds / HEARTBEAT_SECONDS)):
            await asyncio.sleep(HEARTBEAT_SECONDS)
            for role, user_id in participants:
                draws = role == "student" and number % HEARTBEATS_PER_STROKE == 0
                relay.heartbeat(
                    session_id=options.session,
                    user_id=user_id,
                    user_type=role,
                    activity_type="draw" if draws else "heartbeat",
                )
        for role, user_id in participants:
            relay.disconnect(session_id=options.session, user_id=user_id, user_type=role)
        await relay.flushed()
        print(relay.statistics)


def print_rejection(event: PresenceEvent, reason: str, message: str) -> None:
    """Print why the service rejected an event."""
    print(f"rejected: user {event.user_id} in session {event.session_id}: {reason}: {message}", file=sys.stderr)


def token_source(options: argparse.Namespace) -> Token:
    """Return the token, or a function that reads it from a file at each connect, as a long-running relay needs it."""
    if options.token_file:
        # In a thread, because the function must not block the event loop.
        return partial(asyncio.to_thread, Path(options.token_file).read_text)
    return str(options.token)


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m examples.relay_example", description=__doc__)
    parser.add_argument(
        "--target",
        default=os.environ.get("TRACKING_ADDRESS", "127.0.0.1:50051"),
        help="address of the tracking service; default: TRACKING_ADDRESS, else 127.0.0.1:50051",
    )
    parser.add_argument(
        "--token",
        default=os.environ.get("RELAY_TOKEN"),
        help='a service\'s token, from `make token ARGS="--service example"`; default: RELAY_TOKEN',
    )
    parser.add_argument("--token-file", help="instead of --token: a file with the token")
    parser.add_argument(
        "--ca-file", type=Path, help="PEM file with the authority of the gateway's certificate; default: plaintext"
    )
    parser.add_argument("--session", type=int, default=1, help="whiteboard session; default: 1")
    parser.add_argument("--tutor", type=int, default=101, help="users.id of its tutor; default: 101")
    parser.add_argument("--student", type=int, default=201, help="users.id of its student; default: 201")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long they stay; default: 5")
    options = parser.parse_args()
    if not (options.token or options.token_file):
        parser.error("a token is needed: --token, --token-file or RELAY_TOKEN")
    return options


def main() -> None:
    """Run the example; exit with status 1 and the reason if the relay fails."""
    options = parse_arguments()
    try:
        asyncio.run(relay_session(options, token_source(options)))
    except RelayError as error:
        sys.exit(f"{error}")


if __name__ == "__main__":
    main()
