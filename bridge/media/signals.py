"""What the server itself observes of each site: is it there, does it send, is there sound.

Owns: the shape, and reading it off what peers remember anyway. Nothing here
is asked of a page, so nothing here can be claimed by one. Figures over an interval
are ``links``'s; these are moments, cheap enough to look at several times a second.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from bridge.media.answer import CAMERA, MICROPHONE
from bridge.media.peer import Peer
from bridge.media.slides import slides_flow
from bridge.media.source import SILENCE_S, Track

__all__ = ["FLOWING_S", "Signal", "devices_by_site", "read_signals"]

# As for the choice of the publisher: whoever is silent for longer gives way to another device.
# Even an encoder that transmits silence discontinuously sends every 0.4 s (RFC 6716 2.1.9).
FLOWING_S: Final = SILENCE_S


class Signal(msgspec.Struct, frozen=True, kw_only=True):
    """One site at this moment; times are seconds on the monotonic clock, 0.0 for never.

    All but ``connected`` is of the peer that publishes for the site, and begins
    anew when another one does.

    Attributes:
        connected: a device of the site that may publish is connected, and something authentic
            came from it within :data:`peer.CONNECTED_S`.
        flowing: media came from the publisher within :data:`FLOWING_S`.
        sound_at: when sound last came (``rtp.audio_level``), not merely silent packets.
        audio_at: when the newest audio packet came.
        key_frame_at: when the newest key frame of the camera began.
        slides: they flow (``slides.slides_flow``).
    """

    connected: bool = False
    flowing: bool = False
    sound_at: float = 0.0
    audio_at: float = 0.0
    key_frame_at: float = 0.0
    slides: bool = False


def devices_by_site(peers: Iterable[Peer]) -> dict[str, list[Peer]]:
    """Return the peers that may publish for a site, by site."""
    devices: dict[str, list[Peer]] = {}
    for peer in peers:
        if peer.who.publish and peer.who.site:
            devices.setdefault(peer.who.site, []).append(peer)
    return devices


def read_signals(
    peers: Iterable[Peer], publishers: Mapping[str, Peer], now: float
) -> dict[str, Signal]:
    """Return the signal of every site that has a peer able to publish.

    Args:
        peers: of one session.
        publishers: site → the peer that publishes for it.
        now: seconds on the monotonic clock.
    """
    return {
        site: _read(any(peer.alive(now) for peer in devices), publishers.get(site), now)
        for site, devices in devices_by_site(peers).items()
    }


def _read(connected: bool, publisher: Peer | None, now: float) -> Signal:
    if publisher is None:
        return Signal(connected=connected)
    uplink = publisher.uplink
    microphone, camera = uplink.tracks.get(MICROPHONE), uplink.tracks.get(CAMERA)
    return Signal(
        connected=connected,
        flowing=now - uplink.last_media <= FLOWING_S,
        sound_at=microphone.sound_at if microphone is not None else 0.0,
        audio_at=_newest(microphone) if microphone is not None else 0.0,
        key_frame_at=camera.key_at if camera is not None else 0.0,
        slides=slides_flow(uplink, now),
    )


def _newest(track: Track) -> float:
    return max((source.arrived for source in track.sources.values()), default=0.0)
