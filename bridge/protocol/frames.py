"""Websocket frames as a server sends them (RFC 6455 section 5.2). Pure.

A server's frames carry no mask, so one frame serves every page that is sent the same text::

     0               1
     0 1 2 3 4 5 6 7 0 1 2 3 4 5 6 7
    +-+-------+-----+-+-------------+-------------------------------+
    |F| RSV 0 | op  |M| length      | 126: 2 bytes, 127: 8 bytes    |
    |1|       | 1   |0| 0-125       | of length, most significant   |
    +-+-------+-----+-+-------------+-------------------------------+
"""

from __future__ import annotations

__all__ = ["text_frame"]

_FINAL_TEXT = 0x81


def text_frame(payload: bytes) -> bytes:
    """Return the one frame of a text message.

    Args:
        payload: UTF-8, of any length.
    """
    length = len(payload)
    if length < 126:
        return bytes((_FINAL_TEXT, length)) + payload
    if length < 1 << 16:
        return bytes((_FINAL_TEXT, 126)) + length.to_bytes(2) + payload
    return bytes((_FINAL_TEXT, 127)) + length.to_bytes(8) + payload
