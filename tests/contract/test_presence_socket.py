from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

from gateway.presence_socket import handshake, messages, pace
from gateway.presence_socket.attendee import Attendee, Rhythm
from gateway.presence_socket.closings import Closing
from gateway.presence_socket.messages import MAXIMUM_MESSAGE_BYTES
from servicekit.clock import Instant
from servicekit.identifiers import UserId, WhiteboardSessionId
from tests.contract.packages import ROOT, subclasses

TEXT = (ROOT / "docs" / "presence-socket.md").read_text()
CLOSINGS = subclasses(Closing) - {Closing}
#: Rows of the table of closings: code, reasons.
ROWS = re.findall(r"^\| (\d{4}) \| (.*?) \|", TEXT, re.MULTILINE)
EXAMPLES = [json.loads(example) for example in re.findall(r'^\{"type".*?\}$', TEXT, re.MULTILINE | re.DOTALL)]


def test_every_closing_is_documented_with_its_code_and_nothing_else_is() -> None:
    documented = {(int(code), reason) for code, cell in ROWS for reason in re.findall(r"`([A-Z_]+)`", cell)}
    assert documented == {(kind.code, kind.reason) for kind in CLOSINGS}


def test_every_closing_has_a_sentence_for_people() -> None:
    assert all(kind().message.endswith(".") for kind in CLOSINGS)


def test_messages_to_the_page_have_the_fields_of_their_examples() -> None:
    attendee = Attendee(WhiteboardSessionId(7), UserId(201), "student", Instant(0))
    rhythm = Rhythm(timedelta(seconds=15), timedelta(seconds=75))
    sent = [
        messages.connected(attendee, "0f9c", datetime(2026, 3, 9, 10, microsecond=123_456, tzinfo=UTC), rhythm),
        messages.acknowledged(12),
        messages.tracking_unavailable(),
        messages.draining(3.72),
    ]
    examples = [example for example in EXAMPLES if example["type"] != "activity"]
    assert [json.loads(message).keys() for message in sent] == [example.keys() for example in examples]
    assert json.loads(sent[0])["connected_at"] == examples[0]["connected_at"]


def test_the_page_s_example_is_understood() -> None:
    (example,) = (example for example in EXAMPLES if example["type"] == "activity")
    assert messages.activity_type(json.dumps(example)) == "draw"


def test_the_documented_limits_are_those_of_the_code() -> None:
    assert MAXIMUM_MESSAGE_BYTES == 1024
    assert "more than 1 KiB" in TEXT
    assert f"Above {pace.MESSAGES_PER_SECOND} messages a second (after a burst of {pace.BURST})" in TEXT


def test_the_documented_protocol_is_the_one_that_is_answered() -> None:
    assert f"Sec-WebSocket-Protocol: {handshake.SUBPROTOCOL}, bearer.<jwt>" in TEXT
