"""DTLS-SRTP handshakes (RFC 5764, DTLS 1.2 of RFC 6347) by OpenSSL on memory BIOs.

Owns: one association from the first datagram to the goodbye. Knows nothing of ICE, RTP or
peers: datagrams come in through :meth:`DtlsConnection.receive` and leave through a callable.

    new ──handshake()──► shaking ──keys──► connected
     └──── close() ─────────┴─ refused ─┐     └── goodbye ──┐
                                        └───────────────────┴──► closed

We are DTLS server, except for an offer of ``setup:passive`` (FFmpeg's WHIP): then we are client.

OpenSSL's part of an association, 92 kB, is freed as soon as the keys are made. The goodbye that
we shall say is made before; the remote side's is read by ``dtls_records``; and should our last
flight be lost, the remote side repeats its own and gets the same bytes again. That is no worse
than a new encryption of it: it was not received, or it is dropped as a replay.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from OpenSSL import SSL

from bridge.errors import Code, MediaError
from bridge.media.certificate import Certificate
from bridge.media.dtls_records import AlertReader, ContentType, datagrams, records
from bridge.media.profiles import PROFILES
from bridge.media.srtp import SrtpPair

__all__ = ["Certificate", "DtlsConnection"]

# Of a datagram's payload: IPv6's least of 1280 bytes without headers and a relay's.
MTU: Final = 1200
# With our certificate of 300 bytes a flight has 700.
LONGEST_FLIGHT: Final = 1 << 14
# A handshake has about six datagrams; more waiting ones are a flood.
QUEUE_SIZE: Final = 32
# How often the last flight is repeated at most; a peer that repeats its own gives up before.
REPEATS: Final = 16
# From the first valid check to the keys; OpenSSL retransmits at 1, 2, 4 and 8 s.
HANDSHAKE_TIMEOUT_S: Final = 15.0
FAILED: Final = "The DTLS handshake failed: send a new offer with this browser's certificate."
TOO_LONG: Final = "The DTLS handshake took too long: check that UDP passes in both directions."


class _Turns:
    """Lets one step of one handshake run in each pass of the event loop.

    A step takes 0.3 ms of arithmetic. A hall full of pages that come at once would hold up all
    media for as long as they take together; so media is looked after between any two of them.
    """

    def __init__(self) -> None:
        self._steps: deque[Callable[[], None]] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None

    def add(self, step: Callable[[], None]) -> None:
        """Run *step* when it is its turn."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._steps.clear()  # of a loop that has ended
            self._loop = loop
            loop.call_soon(self._next)
        self._steps.append(step)

    def _next(self) -> None:
        step = self._steps.popleft()
        if self._steps and self._loop is not None:
            self._loop.call_soon(self._next)
        else:
            self._loop = None
        step()


_TURNS: Final = _Turns()


def _nothing(*_: object) -> None:
    """Take the place of a callable that leads back to a peer, so that it is freed at once."""


class DtlsConnection:
    """One DTLS association.

    Args:
        certificate: ours.
        send: called with each datagram to send.
        active: True if we send the ClientHello.
        fingerprints: ``(algorithm, value)`` pairs of the remote certificate, from its offer.
        on_closed: called once when the remote side closes the association.
    """

    def __init__(
        self,
        certificate: Certificate,
        send: Callable[[bytes], None],
        *,
        active: bool,
        fingerprints: Sequence[tuple[str, str]],
        on_closed: Callable[[], None],
    ) -> None:
        self.state = "new"
        self._certificate = certificate
        self._send = send
        self._active = active
        self._fingerprints = fingerprints
        self._on_closed = on_closed
        self._waiting: deque[bytes] | None = deque()
        self._ssl: SSL.Connection | None = None
        self._keys: asyncio.Future[SrtpPair] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._alerts: AlertReader | None = None
        self._goodbye = b""
        self._last_flight = b""
        self._repeats = REPEATS

    # --- handshake --------------------------------------------------------------------

    def receive(self, data: bytes) -> bool:
        """Take one datagram of the association; False if it was dropped because too many wait.

        Those that come before :meth:`handshake` wait for it. Never raises.
        """
        if self._waiting is None:
            self._receive_late(data)
            return True
        if len(self._waiting) >= QUEUE_SIZE:
            return False
        if not data:
            return True  # nothing would be an error of the BIO
        self._waiting.append(data)
        if self.state == "shaking":
            _TURNS.add(self._step)
        return True

    async def handshake(self) -> SrtpPair:
        """Run the handshake; once.

        Raises:
            MediaError: it failed, the certificate is not the one of the offer,
                or it took longer than :data:`HANDSHAKE_TIMEOUT_S`.
        """
        if self.state != "new" or self._waiting is None:
            raise MediaError(Code.NO_VALID_CHECK, FAILED)
        self.state = "shaking"
        self._keys = asyncio.get_running_loop().create_future()
        ssl = self._ssl = SSL.Connection(self._certificate.context)
        ssl.set_app_data(self._fingerprints)
        ssl.set_ciphertext_mtu(MTU)
        if self._active:
            ssl.set_connect_state()
            _TURNS.add(self._step)
        else:
            ssl.set_accept_state()
        for _ in self._waiting:
            _TURNS.add(self._step)
        try:
            async with asyncio.timeout(HANDSHAKE_TIMEOUT_S):
                return await self._keys
        except TimeoutError:
            raise MediaError(Code.NO_VALID_CHECK, TOO_LONG) from None
        finally:
            self._free()

    def _step(self) -> None:
        if (ssl := self._ssl) is None:
            return
        try:
            self._advance(ssl)
        except Exception as error:  # noqa: BLE001 - whoever waits for the keys is told
            self._end(error)

    def _advance(self, ssl: SSL.Connection) -> None:
        """Let OpenSSL do what it can with the next datagram."""
        if self._waiting:
            ssl.bio_write(self._waiting.popleft())
        try:
            ssl.do_handshake()
        except SSL.WantReadError:
            self._flush(ssl)
            self._wait(ssl)
        except SSL.Error:
            self._flush(ssl)  # the alert that says why
            self._end(MediaError(Code.NO_VALID_CHECK, FAILED))
        else:
            self._flush(ssl)
            self._complete(ssl)

    def _wait(self, ssl: SSL.Connection) -> None:
        """Wait for the next flight until it is time to repeat ours (RFC 6347 4.2.4)."""
        if self._timer is not None:
            self._timer.cancel()
        timeout = ssl.DTLSv1_get_timeout()
        self._timer = (
            asyncio.get_running_loop().call_later(timeout, self._repeat, ssl)
            if timeout is not None
            else None
        )

    def _repeat(self, ssl: SSL.Connection) -> None:
        try:
            ssl.DTLSv1_handle_timeout()
        except SSL.Error:  # repeated often enough
            self._end(MediaError(Code.NO_VALID_CHECK, TOO_LONG))
        else:
            self._flush(ssl)
            self._wait(ssl)

    def _complete(self, ssl: SSL.Connection) -> None:
        """Take from OpenSSL all that is needed of it from now on, and free it."""
        name = ssl.get_selected_srtp_profile()
        profile = next((profile for profile in PROFILES if profile.name == name), None)
        if profile is None:
            self._end(MediaError(Code.NO_VALID_CHECK, FAILED))
            return
        keys = profile.pair(
            ssl.export_keying_material(b"EXTRACTOR-dtls_srtp", profile.material),
            client=self._active,
        )
        self._alerts = AlertReader(
            ssl.get_cipher_name() or "",
            ssl.master_key() or b"",
            ssl.client_random() or b"",
            ssl.server_random() or b"",
            from_server=self._active,
        )
        ssl.shutdown()
        self._goodbye = _written(ssl)
        self.state = "connected"
        behind = self._waiting or ()
        self._free()
        if self._keys is not None and not self._keys.done():
            self._keys.set_result(keys)
        for data in behind:
            self._receive_late(data)

    def _flush(self, ssl: SSL.Connection) -> None:
        """Send what OpenSSL has to say."""
        flight = _written(ssl)
        self._last_flight = flight
        for datagram in datagrams(flight, MTU):
            self._send(datagram)

    def _end(self, error: Exception) -> None:
        self.state = "closed"
        self._free()
        if self._keys is not None and not self._keys.done():
            self._keys.set_exception(error)

    def _free(self) -> None:
        """Let go of what only a handshake needs."""
        self._ssl = None
        self._waiting = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # --- afterwards -------------------------------------------------------------------

    def _receive_late(self, data: bytes) -> None:
        """Take a datagram when OpenSSL is gone: a goodbye, or a flight that is repeated."""
        if self.state != "connected" or self._alerts is None:
            return
        repeated = False
        for record in records(data):
            if self._alerts.ends(record):
                self.state = "closed"
                self._on_closed()
                return
            repeated |= record.kind in (ContentType.HANDSHAKE, ContentType.CHANGE_CIPHER_SPEC)
        if repeated and self._repeats:
            self._repeats -= 1
            for datagram in datagrams(self._last_flight, MTU):
                self._send(datagram)

    async def close(self) -> None:
        """Send close_notify and forget the association."""
        if self.state == "connected":
            self._send(self._goodbye)
        self._end(MediaError(Code.NO_VALID_CHECK, FAILED))
        self._send = self._on_closed = _nothing
        self._alerts = None


def _written(ssl: SSL.Connection) -> bytes:
    """Return what OpenSSL wrote into its BIO."""
    try:
        return ssl.bio_read(LONGEST_FLIGHT)
    except SSL.WantReadError:
        return b""
