from __future__ import annotations

from benchmarks.load import http2


def test_frames_are_removed_from_the_buffer_once_they_are_complete() -> None:
    sent = http2.frame(http2.PING, 0, http2.CONNECTION, b"12345678") + http2.frame(http2.DATA, 1, http2.STREAM, b"x")
    buffer = bytearray(sent[:-1])
    assert [received.kind for received in http2.frames(buffer)] == [http2.PING]
    buffer += sent[-1:]
    assert list(http2.frames(buffer)) == [http2.Received(http2.DATA, http2.END_STREAM, http2.STREAM, b"x")]


def test_a_message_larger_than_a_frame_arrives_whole() -> None:
    message = bytes(range(256)) * 200
    buffer = bytearray(http2.message_frames(message))
    carried = bytearray(b"".join(received.payload for received in http2.frames(buffer)))
    assert list(http2.messages(carried)) == [message]


def test_the_length_of_a_long_header_is_encoded_in_several_bytes() -> None:
    [received] = http2.frames(bytearray(http2.headers({"a": "b" * 300})))
    # 300 = 127 + 173, and 173 = 45 + 1 * 128.
    assert received.payload == b"\x00\x01a\x7f\xad\x01" + b"b" * 300
