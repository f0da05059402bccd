"""Our frames against those of an implementation we have no part in."""

import pytest
from websockets.frames import Frame, Opcode

from bridge.protocol.frames import text_frame


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65_535, 65_536, 200_000])
def test_a_text_frame_is_what_others_make_of_it(length: int) -> None:
    payload = b"x" * length
    assert text_frame(payload) == Frame(Opcode.TEXT, payload).serialize(mask=False)
