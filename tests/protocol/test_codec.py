"""Decoding what pages send: one documented error for anything else."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import Code, ProtocolError
from bridge.floor.commands import GrantFloor, RequestFloor
from bridge.protocol.codec import MAX_MESSAGE_BYTES, cmd_id_of, decode_client, encode_server
from bridge.protocol.messages import Ack, Hello


def code_of(data: str | bytes) -> Code:
    with pytest.raises(ProtocolError) as refused:
        decode_client(data)
    assert refused.value.message.endswith(".")
    return refused.value.code


def test_commands() -> None:
    text = '{"type": "grant_floor", "cmd_id": "c", "request": "r1", "expected_rev": 4}'
    assert decode_client(text) == GrantFloor(cmd_id="c", request="r1", expected_rev=4)
    full = {"name": "Ộ" * 120, "title": "Ế" * 200, "topic": "Ẵ" * 500}
    longest = json.dumps({"type": "request_floor", "cmd_id": "c" * 64, **full})
    assert isinstance(decode_client(longest), RequestFloor)
    assert decode_client(b'{"type": "hello", "lang": "en"}') == Hello(lang="en")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("", Code.MESSAGE_MALFORMED),
        ("nonsense", Code.MESSAGE_MALFORMED),
        ("null", Code.MESSAGE_MALFORMED),
        ("{}", Code.MESSAGE_MALFORMED),
        (b"\xff", Code.MESSAGE_MALFORMED),
        ("[" * 10_000, Code.MESSAGE_MALFORMED),
        ('{"type": 5}', Code.FIELD_INVALID),
        ('{"type": "nothing"}', Code.COMMAND_UNKNOWN),
        ('{"type": "hello", "lang": "fr"}', Code.FIELD_INVALID),
        ('{"type": "hello", "extra": 1}', Code.FIELD_INVALID),
        ('{"type": "take", "cmd_id": ""}', Code.FIELD_INVALID),
        ('{"type": "take", "cmd_id": "%s"}' % ("c" * 65), Code.FIELD_INVALID),
        ('{"type": "request_floor", "cmd_id": "c", "name": ""}', Code.FIELD_INVALID),
        (" " * (MAX_MESSAGE_BYTES + 1), Code.MESSAGE_TOO_LARGE),
    ],
)
def test_everything_else_is_refused(data: str | bytes, code: Code) -> None:
    assert code_of(data) is code


def test_a_refusal_names_the_field() -> None:
    with pytest.raises(ProtocolError) as refused:
        decode_client('{"type": "extend_floor", "cmd_id": "c", "request": "r1", "seconds": 9999}')
    assert refused.value.details == {"field": "seconds"}


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200)))
def test_any_bytes(data: str | bytes) -> None:
    try:
        decode_client(data)
    except ProtocolError:
        cmd_id_of(data)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@given(
    st.sampled_from(["take", "hello", "request_floor", "move_request", "watch"]),
    st.dictionaries(st.sampled_from(["cmd_id", "name", "source", "rev", "before"]), json_values),
)
def test_any_fields(kind: str, fields: dict[str, object]) -> None:
    data = json.dumps({**fields, "type": kind})
    try:
        decode_client(data)
    except ProtocolError as error:
        assert error.code in {Code.FIELD_INVALID, Code.MESSAGE_MALFORMED}
        assert len(cmd_id_of(data)) <= 64


def test_cmd_id_of_a_bad_message() -> None:
    assert cmd_id_of('{"type": "nothing", "cmd_id": "c1", "x": [1]}') == "c1"
    assert cmd_id_of('{"cmd_id": 5}') == ""
    assert cmd_id_of("{") == ""


def test_encoding() -> None:
    message = json.loads(encode_server(Ack(cmd_id="c", rev=3)))
    assert message == {"type": "ack", "cmd_id": "c", "rev": 3}
