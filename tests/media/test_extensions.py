"""Header extensions on their way through: each viewer gets its own numbers, and nothing else.

Numbers mean what one peer's offer says they mean; a number of the publisher that reached a
viewer could say there that the time is a name, or a sound level the time.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from aiortc.rtp import unpack_header_extensions

from bridge.media.server import Routes
from bridge.rtp.rtcp import Nack
from tests.media.client import LEVEL_ID, MID_ID, TIME_ID, URIS, VIEWER, VP8_RTX, Client
from tests.media.client import Received as Packet
from tests.media.conftest import Hall, identity
from tests.media.kernel import ENGINES

MID, TIME, LEVEL = URIS[MID_ID], URIS[TIME_ID], URIS[LEVEL_ID]


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def elements(packet: Packet) -> dict[int, int]:
    """Return the extension elements of *packet*: number → bytes of its value."""
    header = packet.header
    end = header.ext_offset + header.ext_length
    body = packet.plain[header.ext_offset : end]
    return {number: len(value) for number, value in unpack_header_extensions(0xBEDE, body)}


@pytest.mark.parametrize(
    ("uris", "written"),
    [
        (URIS, {MID_ID: 1, TIME_ID: 3}),
        # the numbers of the publisher, all with another meaning
        ({LEVEL_ID: MID, MID_ID: TIME, TIME_ID: LEVEL}, {LEVEL_ID: 1, MID_ID: 3}),
        ({LEVEL_ID: LEVEL, TIME_ID: MID}, {TIME_ID: 1}),
        ({14: TIME}, {14: 3}),
        ({LEVEL_ID: LEVEL}, {}),
        ({}, {}),
    ],
)
async def test_a_viewer_gets_what_it_negotiated_under_its_own_numbers(
    hall: Hall, uris: Mapping[int, str], written: dict[int, int]
) -> None:
    publisher = await hall.publisher("ha-noi")
    viewer = await hall.join(Client(VIEWER, uris=uris), identity(publish=False))
    assert LEVEL not in viewer.answer, "nobody measures what is sent to a viewer"
    hall.server.apply("plenary", Routes("ha-noi", "", ("ha-noi",)))
    for number in range(1, 4):
        data = publisher.packet(1, number, number * 960, b"opus%d" % number, level=30, wide=number)
        publisher.send_rtp(data)
    await hall.frames(publisher, 1, 3)
    await viewer.until(lambda: len(viewer.rtp) == 6)
    assert [elements(packet) for packet in viewer.rtp] == [written] * 6
    sound = [packet.payload for packet in viewer.rtp if packet.header.ssrc == viewer.ssrc(1)]
    assert sound == [b"opus1", b"opus2", b"opus3"]

    seen = next(packet for packet in viewer.rtp if packet.header.ssrc == viewer.ssrc(0))
    viewer.send_rtcp(Nack(1, viewer.ssrc(0), (seen.header.sequence,)))
    await viewer.until(lambda: len(viewer.rtp) == 7)
    assert viewer.rtp[-1].header.payload_type == VP8_RTX
    assert elements(viewer.rtp[-1]) == written, "a resent packet too"
