"""The container health check: ask a gRPC server of this machine, without TLS, whether it is serving.

It asks what servicekit.rpc.probe asks. But it runs every few seconds in each container, and there most of a check's
processor time went into loading gRPC. So this speaks the few bytes of HTTP/2 itself, and imports next to nothing.
"""

from __future__ import annotations

import socket
import sys

#: A healthy server answers at once, and the caller checks again soon. The same as in servicekit.rpc.probe.
TIMEOUT_SECONDS = 3.0
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
# Types and flags of frames (RFC 9113, section 6).
_DATA, _HEADERS, _SETTINGS = 0, 1, 4
_END_STREAM, _END_HEADERS = 1, 4
_FRAME_HEADER_BYTES = 9
#: HTTP/2 limits what a peer sends at first to this, and so do we what we take.
_MAX_FRAME_BYTES = 16_384
#: One field has its name by number (RFC 7541, appendix A), the others are literals that are not indexed.
_METHOD_POST, _SCHEME_HTTP, _PATH, _AUTHORITY, _CONTENT_TYPE = b"\x83", b"\x86", b"\x04", b"\x01", b"\x0f\x10"
#: grpc.health.v1.HealthCheckResponse with the status SERVING, and before it that it is not compressed, and its length.
_SERVING = b"\x00\x00\x00\x00\x02\x08\x01"


def is_serving(address: str, service: str) -> bool:
    """Return whether the service at `address` (host:port) reports SERVING; False also if there is no answer."""
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), TIMEOUT_SECONDS) as connection:
            connection.sendall(_request(address, service))
            return _answer(connection) == _SERVING
    except OSError:
        return False


def _request(address: str, service: str) -> bytes:
    fields = (
        _METHOD_POST
        + _SCHEME_HTTP
        + (_PATH + _text("/grpc.health.v1.Health/Check"))
        + (_AUTHORITY + _text(address))
        + (_CONTENT_TYPE + _text("application/grpc"))
        + (b"\x00" + _text("te") + _text("trailers"))
    )
    message = b"\x0a" + _text(service)
    return (
        _PREFACE
        + _frame(_SETTINGS, 0, 0, b"")
        + _frame(_HEADERS, _END_HEADERS, 1, fields)
        + _frame(_DATA, _END_STREAM, 1, b"\x00" + len(message).to_bytes(4, "big") + message)
    )


def _text(value: str) -> bytes:
    """Return a text as both HPACK and protobuf write it, if it has less than 127 bytes."""
    return bytes([len(value)]) + value.encode("ascii")


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def _answer(connection: socket.socket) -> bytes:
    """Return the message that the server sends, or nothing if it ends the stream or the connection without one."""
    with connection.makefile("rb") as received:
        while len(header := received.read(_FRAME_HEADER_BYTES)) == _FRAME_HEADER_BYTES:
            length, kind, flags = int.from_bytes(header[:3], "big"), header[3], header[4]
            if length > _MAX_FRAME_BYTES:
                return b""
            payload = received.read(length)
            if kind == _DATA and payload:
                return payload
            if kind == _HEADERS and flags & _END_STREAM:
                return b""
    return b""


if __name__ == "__main__":
    if not is_serving(*sys.argv[1:3]):
        sys.exit(f"{sys.argv[2]} at {sys.argv[1]} is not serving")
