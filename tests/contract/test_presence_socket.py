from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

from gateway.presence_socket import activity, protocol
from gateway.presence_socket.protocol import CloseError, CloseReason
from testkit.source_tree import ROOT

TEXT = (ROOT / "docs" / "presence-socket.md").read_text()
#: Rows of the table of close codes: code, reasons, what a client does.
ROWS = re.findall(r"^\| (\d{4}) \|([^|]*)\|[^|]*\| ([^|]*) \|$", TEXT, re.MULTILINE)
TRANSPORTS = (ROOT / "gateway" / "web" / "modules" / "presence-transports.js").read_text()
#: The lowest close code; smaller numbers in the same set are HTTP statuses.
MIN_CLOSE_CODE = 1000
EXAMPLES = [json.loads(example) for example in re.findall(r'^\{"type".*?\}$', TEXT, re.MULTILINE | re.DOTALL)]


def reasons_in(cell: str) -> list[str]:
    return re.findall(r"`([A-Z_]+)`", cell)


def set_in_client(name: str) -> set[str]:
    """Return the members of a constant set of the whiteboard client, as they are written."""
    match = re.search(rf"^const {name} = new Set\(\[(.*?)\]\)", TRANSPORTS, re.MULTILINE | re.DOTALL)
    assert match is not None
    return {member.strip().strip('"') for member in match[1].split(",") if member.strip()}


def test_the_documented_close_codes_and_reasons_are_those_of_the_code() -> None:
    documented = {(int(code), reason) for code, cell, _ in ROWS for reason in reasons_in(cell)}
    assert documented == {(reason.code, reason.name) for reason in CloseReason}


def test_each_row_of_the_close_codes_says_whether_a_client_opens_a_new_socket() -> None:
    assert all("no retry" in action or action.startswith(("log in again", "reconnect")) for *_, action in ROWS)


def test_the_whiteboard_client_opens_no_new_socket_after_the_codes_documented_as_no_retry() -> None:
    documented = {int(code) for code, _, action in ROWS if "no retry" in action}
    assert {int(code) for code in set_in_client("REFUSALS") if int(code) >= MIN_CLOSE_CODE} == documented


def test_the_whiteboard_client_gets_a_fresh_token_after_the_reasons_documented_so() -> None:
    documented = {
        reason
        for _, cell, action in ROWS
        for reason in reasons_in(cell)
        if action == "log in again" or "fresh token" in action
    }
    assert set_in_client("TOKEN_REASONS") == documented


def test_every_close_reason_has_a_sentence_for_people() -> None:
    assert all(CloseError(reason).message.endswith(".") for reason in CloseReason)


def test_messages_to_the_page_have_the_fields_of_their_examples() -> None:
    sent = [
        protocol.connected(
            session_id=7,
            user_id=201,
            user_type="student",
            connection_id="0f9c",
            connected_at=datetime(2026, 3, 9, 10, microsecond=123_456, tzinfo=UTC),
            heartbeat_interval=timedelta(seconds=15),
            presence_timeout=timedelta(seconds=75),
        ),
        protocol.ack(12),
        protocol.tracking_unavailable(),
        protocol.draining(3.72),
    ]
    examples = [example for example in EXAMPLES if example["type"] != "activity"]
    assert [json.loads(message).keys() for message in sent] == [example.keys() for example in examples]
    assert json.loads(sent[0])["connected_at"] == examples[0]["connected_at"]


def test_the_documented_message_from_the_page_is_understood() -> None:
    (example,) = (example for example in EXAMPLES if example["type"] == "activity")
    assert protocol.parse_activity(json.dumps(example)) == "draw"


def test_the_documented_limits_are_those_of_the_code() -> None:
    assert protocol.MAX_MESSAGE_BYTES == 1024
    assert "more than 1 KiB" in TEXT
    assert (
        f"more than {activity.MESSAGES_PER_SECOND} messages a second (after a burst of {activity.BURST:,})"
        in " ".join(TEXT.split())
    )


def test_the_documented_subprotocol_is_the_one_that_the_server_selects() -> None:
    assert f"Sec-WebSocket-Protocol: {protocol.SUBPROTOCOL}, bearer.<jwt>" in TEXT
