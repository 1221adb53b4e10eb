from __future__ import annotations

import pytest

from gateway.presence_socket import messages
from gateway.presence_socket.closings import MessageInvalid


@pytest.mark.parametrize("word", ["draw", "type", "erase", "a", "laser_pointer2", "x" * 32])
def test_an_activity_is_read(word: str) -> None:
    assert messages.activity_type(f'{{"type": "activity", "activity_type": "{word}", "color": "red"}}') == word


@pytest.mark.parametrize(
    "message",
    [
        "",
        "draw",
        "null",
        "[]",
        "{}",
        "[" * 1_000,
        '{"type": "heartbeat"}',
        '{"type": "activity"}',
        '{"type": "activity", "activity_type": 1}',
        '{"type": "activity", "activity_type": ""}',
        '{"type": "activity", "activity_type": "Draw"}',
        '{"type": "activity", "activity_type": "draw\\n"}',
        '{"type": "activity", "activity_type": "2d"}',
        f'{{"type": "activity", "activity_type": "{"x" * 33}"}}',
        b'{"type": "activity", "activity_type": "draw"}',
    ],
)
def test_anything_else_is_no_message(message: str | bytes) -> None:
    with pytest.raises(MessageInvalid):
        messages.activity_type(message)
