"""Bytes to messages and back. Bad input becomes one of three documented errors.

========================  =======================================================
``message_malformed``      not JSON, not an object, or no ``type``
``command_unknown``        ``type`` is not one a page may send
``field_invalid``          a field is missing, unknown, too long or of a wrong type
========================  =======================================================
"""

from __future__ import annotations

import msgspec

from bridge.errors import Code, ProtocolError
from bridge.protocol.frames import text_frame
from bridge.protocol.messages import ClientMessage, ServerMessage

__all__ = ["MAX_MESSAGE_BYTES", "cmd_id_of", "decode_client", "encode_server", "server_frame"]

#: The longest legal command (all texts full, four bytes a character) is about 4 KiB.
MAX_MESSAGE_BYTES = 16 * 1024

_decoder: msgspec.json.Decoder[ClientMessage] = msgspec.json.Decoder(ClientMessage)
_encoder = msgspec.json.Encoder()


class _Head(msgspec.Struct):
    """What every message has, read leniently to answer a message that is otherwise bad."""

    type: str = ""
    cmd_id: str = ""


def decode_client(data: str | bytes) -> ClientMessage:
    """Return the message in *data*.

    Raises:
        ProtocolError: see the table above; ``details["field"]`` says where.
    """
    if len(data) > MAX_MESSAGE_BYTES:
        raise ProtocolError(
            Code.MESSAGE_TOO_LARGE,
            f"The message is larger than {MAX_MESSAGE_BYTES} bytes; shorten the texts.",
            {"limit": MAX_MESSAGE_BYTES},
        )
    try:
        return _decoder.decode(data)
    except msgspec.ValidationError as error:
        text = str(error)
        if "`type`" in text or (not text.rpartition("`$")[1] and "Expected `object`" in text):
            raise ProtocolError(
                Code.MESSAGE_MALFORMED, "The message has no type; reload the page."
            ) from None
        if "Invalid value" in text and text.endswith("`$.type`"):
            raise ProtocolError(
                Code.COMMAND_UNKNOWN, "This server does not know that command; reload the page."
            ) from None
        raise ProtocolError(
            Code.FIELD_INVALID,
            f"A field is not as it should be: {text}.",
            {"field": text.rpartition("`$")[2].strip("`.") or text},
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ProtocolError(
            Code.MESSAGE_MALFORMED, "The message is not valid JSON; reload the page."
        ) from None


def cmd_id_of(data: str | bytes) -> str:
    """Return the ``cmd_id`` of a message that could not be decoded, or an empty string."""
    try:
        return msgspec.json.decode(data, type=_Head).cmd_id[:64]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""


def encode_server(message: ServerMessage) -> bytes:
    """Return *message* as JSON text in UTF-8."""
    return _encoder.encode(message)


def server_frame(message: ServerMessage) -> bytes:
    """Return *message* as a websocket frame, the same bytes for every page."""
    return text_frame(encode_server(message))
