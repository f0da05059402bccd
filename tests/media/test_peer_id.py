"""Ids of peers: said by people, not guessed by anybody."""

from __future__ import annotations

import re

from bridge.media.peer_id import code_of, new_peer_id


def test_an_id_has_a_code_and_a_rest() -> None:
    found = [new_peer_id() for _ in range(200)]
    for one in found:
        assert re.fullmatch(r"[0-9a-hjkmnp-tv-z]{6}-[\w-]{22}", one), "128 bits behind the code"
        assert code_of(one) == one[:6]
    assert len({code_of(one) for one in found}) == len(found)
    assert len({one[7:] for one in found}) == len(found)
