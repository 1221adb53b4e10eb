"""The part of HTTP/2 and gRPC framing that one stream on one connection needs (RFC 9113, RFC 7541).

A client library is not used, because it spends more time on a message than the service does: the measurement would be
one of the library.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

DATA, HEADERS, RESET, SETTINGS, PING, GO_AWAY, WINDOW_UPDATE = 0x0, 0x1, 0x3, 0x4, 0x6, 0x7, 0x8
END_STREAM = ACKNOWLEDGED = 0x1
END_HEADERS = 0x4

#: Stream ids: the whole connection, and the only stream on it.
CONNECTION, STREAM = 0, 1
INITIAL_WINDOW_SIZE = 0x4
#: Until the peer changes it.
DEFAULT_WINDOW_BYTES = 65_535
MAX_FRAME_BYTES = 16_384

_FRAME_HEADER_BYTES = 9
_SETTING_BYTES = 6
_MESSAGE_HEADER_BYTES = 5
_LITERAL_HEADER = b"\x00"
_MAX_LENGTH_PREFIX = 127
_PAYLOAD_BITS = 7


class Received(NamedTuple):
    """A frame from the peer."""

    kind: int
    flags: int
    stream: int
    payload: bytes


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """Return a frame."""
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload


def frames(buffer: bytearray) -> Iterator[Received]:
    """Remove complete frames from a buffer and yield them."""
    while len(buffer) >= _FRAME_HEADER_BYTES:
        end = _FRAME_HEADER_BYTES + int.from_bytes(buffer[:3], "big")
        if len(buffer) < end:
            return
        received = Received(
            buffer[3],
            buffer[4],
            int.from_bytes(buffer[5:_FRAME_HEADER_BYTES], "big"),
            bytes(buffer[_FRAME_HEADER_BYTES:end]),
        )
        del buffer[:end]
        yield received


def messages(buffer: bytearray) -> Iterator[bytes]:
    """Remove complete gRPC messages from a buffer and yield them."""
    while len(buffer) >= _MESSAGE_HEADER_BYTES:
        end = _MESSAGE_HEADER_BYTES + int.from_bytes(buffer[1:_MESSAGE_HEADER_BYTES], "big")
        if len(buffer) < end:
            return
        message = bytes(buffer[_MESSAGE_HEADER_BYTES:end])
        del buffer[:end]
        yield message


def goes_on(go_away: bytes) -> bool:
    """Return whether a stream that is open goes on after a GOAWAY frame with this payload.

    A server sends one to every connection of some age, so that its clients spread anew.
    """
    last_stream = int.from_bytes(go_away[:4], "big")
    error = int.from_bytes(go_away[4:8], "big")
    return last_stream >= STREAM and not error


def message_frames(message: bytes) -> bytes:
    """Return the frames that carry a gRPC message."""
    carried = b"\x00" + len(message).to_bytes(4, "big") + message
    if len(carried) <= MAX_FRAME_BYTES:
        return frame(DATA, 0, STREAM, carried)
    parts = range(0, len(carried), MAX_FRAME_BYTES)
    return b"".join(frame(DATA, 0, STREAM, carried[start : start + MAX_FRAME_BYTES]) for start in parts)


def carried_bytes(message: bytes) -> int:
    """Return how many bytes of the peer's window a gRPC message uses."""
    return _MESSAGE_HEADER_BYTES + len(message)


def headers(values: Mapping[str, str]) -> bytes:
    """Return the frame that starts a request, with uncompressed headers."""
    block = b"".join(_LITERAL_HEADER + _text(name) + _text(value) for name, value in values.items())
    return frame(HEADERS, END_HEADERS, STREAM, block)


def settings(payload: bytes) -> dict[int, int]:
    """Return the settings in a SETTINGS frame, by their ids."""
    return {
        int.from_bytes(payload[start : start + 2], "big"): int.from_bytes(payload[start + 2 : start + 6], "big")
        for start in range(0, len(payload), _SETTING_BYTES)
    }


def _text(value: str) -> bytes:
    encoded = value.encode()
    return _length(len(encoded)) + encoded


def _length(number: int) -> bytes:
    if number < _MAX_LENGTH_PREFIX:
        return bytes((number,))
    rest = number - _MAX_LENGTH_PREFIX
    encoded = [_MAX_LENGTH_PREFIX]
    while rest >> _PAYLOAD_BITS:
        encoded.append(rest & 0x7F | 0x80)
        rest >>= _PAYLOAD_BITS
    return bytes([*encoded, rest])
