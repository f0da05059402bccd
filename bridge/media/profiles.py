"""SRTP protection profiles, and the keys a handshake makes for them (RFC 5764, RFC 7714 14.2).

Owns: the order of preference, and cutting keying material into keys of libsrtp. Knows nothing of
DTLS itself: it is given bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pylibsrtp import Error as SrtpError
from pylibsrtp import Policy, Session

from bridge.media.srtp import SrtpPair

__all__ = ["PROFILES", "Profile"]

# Packets by which one may come late, or leave late: repairs. libsrtp moves all the bits of a window
# for each packet, so what is forwarded, once for every viewer, has no wider one than is kept.
INBOUND: Final = 1024
OUTBOUND: Final = 512


@dataclass(frozen=True)
class Profile:
    """An SRTP protection profile (RFC 5764 4.1.2, RFC 7714 14.2).

    Attributes:
        name: OpenSSL's.
        libsrtp: number of libsrtp's policy.
        key: bytes of a key.
        salt: bytes of a salt.
    """

    name: bytes
    libsrtp: int
    key: int
    salt: int

    @property
    def material(self) -> int:
        """Bytes of keying material for both directions."""
        return 2 * (self.key + self.salt)

    def pair(self, material: bytes, *, client: bool) -> SrtpPair:
        """Return the sessions for *material*, which is :attr:`material` bytes.

        Args:
            material: the client's key, the server's, the client's salt, the server's.
            client: whether we are the DTLS client.
        """
        of_client, of_server = (
            material[i * self.key : (i + 1) * self.key]
            + material[2 * self.key + i * self.salt : 2 * self.key + (i + 1) * self.salt]
            for i in range(2)
        )
        ours, theirs = (of_client, of_server) if client else (of_server, of_client)
        return SrtpPair(
            self._session(theirs, Policy.SSRC_ANY_INBOUND, INBOUND),
            self._session(ours, Policy.SSRC_ANY_OUTBOUND, OUTBOUND),
        )

    def _session(self, key: bytes, direction: int, window: int) -> Session:
        policy = Policy(key=key, ssrc_type=direction, srtp_profile=self.libsrtp)
        policy.allow_repeat_tx = True  # NACKed packets leave again as they were
        policy.window_size = window
        return Session(policy)

    def usable(self) -> bool:
        """Return whether libsrtp was built with it; AES-GCM needs a crypto library."""
        try:
            Policy(srtp_profile=self.libsrtp)
        except SrtpError:
            return False
        return True


# OpenSSL takes the server's first; 256 bits cost more CPU and protect nothing here.
PROFILES: Final = tuple(
    filter(
        Profile.usable,
        (
            Profile(b"SRTP_AEAD_AES_128_GCM", Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 16, 12),
            Profile(b"SRTP_AEAD_AES_256_GCM", Policy.SRTP_PROFILE_AEAD_AES_256_GCM, 32, 12),
            Profile(b"SRTP_AES128_CM_SHA1_80", Policy.SRTP_PROFILE_AES128_CM_SHA1_80, 16, 14),
        ),
    )
)
