from __future__ import annotations

import pytest

from gateway.presence_socket.protocol import CloseError, CloseReason, parse_activity


@pytest.mark.parametrize("word", ["draw", "type", "erase", "a", "laser_pointer2", "x" * 32])
def test_an_activity_message_is_parsed(word: str) -> None:
    assert parse_activity(f'{{"type": "activity", "activity_type": "{word}", "color": "red"}}') == word


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
def test_any_other_message_is_invalid(message: str | bytes) -> None:
    with pytest.raises(CloseError) as closed:
        parse_activity(message)
    assert closed.value.reason is CloseReason.MESSAGE_INVALID
