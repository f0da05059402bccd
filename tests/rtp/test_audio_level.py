"""RFC 6464 levels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import Code, ProtocolError
from bridge.rtp.audio_level import audio_level


@pytest.mark.parametrize(
    ("value", "expected"),
    [(b"\x00", (False, 0)), (b"\x9e", (True, -30)), (b"\x7f", (False, -127))],
)
def test_voice_flag_and_level(value: bytes, expected: tuple[bool, int]) -> None:
    assert audio_level(value) == expected


@given(st.binary(min_size=1))
def test_any_value_gives_a_level(value: bytes) -> None:
    assert -127 <= audio_level(value)[1] <= 0


def test_an_empty_value_is_refused() -> None:
    with pytest.raises(ProtocolError) as caught:
        audio_level(b"")
    assert caught.value.code is Code.PACKET_MALFORMED
