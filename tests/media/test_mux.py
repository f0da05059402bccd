"""ICE-lite and the three rules by which a peer moves, on a clock of numbers."""

from __future__ import annotations

from aioice import stun
from hypothesis import example, given
from hypothesis import strategies as st

from bridge.media.counters import MediaCounters
from bridge.media.mux import (
    CONTROL_BURST,
    MAX_ADDRESSES,
    MAX_CREDENTIALS,
    MAX_SSRCS,
    PACKETS_BURST,
    PACKETS_PER_S,
    REPORT_BYTES_BURST,
    TRIES_BURST,
    Endpoint,
    Mux,
)
from bridge.media.udp import Address

HOME: Address = ("192.0.2.1", 1000)
AWAY: Address = ("192.0.2.2", 2000)
MEDIA = b"\x80\x60\0\1" + bytes(4) + (77).to_bytes(4, "big") + bytes(20)
REPORT = b"\x80\xc9\0\1" + (78).to_bytes(4, "big") + bytes(20)
DTLS = b"\x16" + bytes(30)


class Bench:
    """A mux with one endpoint whose packets are authentic as long as ``authentic`` says so."""

    def __init__(self) -> None:
        self.counters = MediaCounters()
        self.sent: list[tuple[bytes, Address]] = []
        self.mux = Mux(lambda data, address: self.sent.append((data, address)), self.counters)
        self.authentic = True
        self.ready = 0
        self.dtls: list[bytes] = []
        self.media = 0
        self.endpoint = Endpoint(self._ready, self.dtls.append, self._media)
        self.mux.add(self.endpoint, 0.0)

    def _ready(self) -> None:
        self.ready += 1

    def _media(self, _data: bytes, _now: float) -> bool:
        self.media += 1
        return self.authentic

    def check(
        self,
        address: Address,
        now: float,
        *,
        nominate: bool = False,
        user: str = "",
        password: str = "",
    ) -> None:
        attributes: dict[str, object] = {"USERNAME": f"{user or self.endpoint.ufrag}:them"}
        if nominate:
            attributes["USE-CANDIDATE"] = None
        message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, attributes=attributes)
        message.add_message_integrity((password or self.endpoint.password).encode())
        self.mux.receive(bytes(message), address, now)


def test_a_valid_check_is_answered_and_starts_dtls_once() -> None:
    bench = Bench()
    bench.check(HOME, 1.0)
    bench.check(HOME, 1.1, nominate=True)
    assert bench.ready == 1
    assert bench.endpoint.address == HOME
    assert bench.endpoint.heard == 1.1
    data, address = bench.sent[0]
    assert address == HOME
    response = stun.parse_message(data)
    assert response.message_class is stun.Class.RESPONSE
    assert response.attributes["XOR-MAPPED-ADDRESS"] == HOME
    assert response.check_message_integrity(bench.endpoint.password.encode())
    assert "FINGERPRINT" in response.attributes


def test_a_dual_stack_socket_answers_with_the_ipv4_address() -> None:
    bench = Bench()
    bench.check(("::ffff:192.0.2.1", 1000), 1.0)
    response = stun.parse_message(bench.sent[0][0])
    assert response.attributes["XOR-MAPPED-ADDRESS"] == HOME


def test_nothing_is_answered_without_integrity() -> None:
    bench = Bench()
    bench.check(HOME, 1.0, password="wrong")
    bench.check(HOME, 1.0, user="nobody")
    plain = stun.Message(
        stun.Method.BINDING,
        stun.Class.REQUEST,
        attributes={"USERNAME": f"{bench.endpoint.ufrag}:them"},
    )
    bench.mux.receive(bytes(plain), HOME, 1.0)
    response = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE)
    bench.mux.receive(bytes(response), HOME, 1.0)
    bench.mux.receive(b"\0\1\0\0", HOME, 1.0)
    assert bench.sent == []
    assert bench.ready == 0
    assert bench.counters.drops == {
        "stun_bad_integrity": 2,
        "stun_unknown_user": 1,
        "stun_not_a_check": 1,
        "stun_malformed": 1,
    }


def test_rule_a_a_nomination_moves_the_peer() -> None:
    bench = Bench()
    bench.check(HOME, 1.0)
    bench.check(AWAY, 1.1)
    assert bench.endpoint.address == HOME, "a mere check is not a nomination"
    bench.check(AWAY, 1.2, nominate=True)
    assert bench.endpoint.address == AWAY
    assert bench.ready == 1
    assert bench.counters.moves == 1


def test_rule_b_a_check_moves_the_peer_when_its_old_address_is_quiet() -> None:
    bench = Bench()
    bench.check(HOME, 1.0)
    bench.mux.receive(MEDIA, HOME, 5.0)
    bench.check(AWAY, 5.9)
    assert bench.endpoint.address == HOME
    bench.check(AWAY, 6.1)
    assert bench.endpoint.address == AWAY


def test_rule_b_needs_the_current_credentials() -> None:
    bench = Bench()
    bench.check(HOME, 1.0)
    old = (bench.endpoint.ufrag, bench.endpoint.password)
    bench.mux.renew(bench.endpoint)
    bench.check(AWAY, 9.0, user=old[0], password=old[1], nominate=True)
    assert bench.endpoint.address == HOME
    assert len(bench.sent) == 2, "but it is answered: the check may still be under way"
    bench.check(AWAY, 9.1)
    assert bench.endpoint.address == AWAY


def test_rule_c_media_from_an_unknown_address_moves_the_peer_at_once() -> None:
    bench = Bench()
    bench.check(HOME, 1.0)
    bench.mux.learn_ssrc(bench.endpoint, 77)
    bench.mux.receive(MEDIA, AWAY, 1.01)
    assert bench.endpoint.address == AWAY
    bench.mux.receive(DTLS, AWAY, 1.02)
    assert bench.dtls == [DTLS]


def test_rule_c_finds_the_peer_by_the_sender_of_a_report() -> None:
    bench = Bench()
    bench.check(HOME, 1.0)
    bench.mux.learn_ssrc(bench.endpoint, 78)
    bench.mux.receive(REPORT, AWAY, 1.01)
    assert bench.endpoint.address == AWAY


def test_rule_c_forged_or_unknown_media_moves_nobody() -> None:
    bench = Bench()
    bench.check(HOME, 1.0)
    bench.mux.receive(MEDIA, AWAY, 9.0)
    bench.mux.learn_ssrc(bench.endpoint, 77)
    bench.authentic = False
    bench.mux.receive(MEDIA, AWAY, 9.0)
    bench.mux.receive(MEDIA[:9], AWAY, 9.0)
    assert bench.endpoint.address == HOME
    assert bench.endpoint.heard == 1.0
    assert bench.counters.drops == {"media_unknown_address": 3}


def test_rule_c_two_known_paths_do_not_alternate() -> None:
    bench = Bench()
    bench.check(HOME, 1.0)
    bench.check(AWAY, 1.0)
    bench.mux.receive(MEDIA, HOME, 2.0)
    bench.mux.receive(MEDIA, AWAY, 2.1)
    assert bench.endpoint.address == HOME
    bench.mux.receive(MEDIA, AWAY, 2.4)
    assert bench.endpoint.address == AWAY
    bench.mux.receive(MEDIA, HOME, 2.8)
    assert bench.endpoint.address == HOME, "and the true one wins back what a relay took"


def test_old_credentials_expire_when_many_restarts_follow() -> None:
    bench = Bench()
    first = (bench.endpoint.ufrag, bench.endpoint.password)
    for _ in range(MAX_CREDENTIALS):
        bench.mux.renew(bench.endpoint)
    bench.check(HOME, 1.0, user=first[0], password=first[1])
    assert bench.sent == []
    assert len(bench.endpoint.credentials) == MAX_CREDENTIALS


def test_addresses_and_ssrcs_are_bounded_and_the_current_address_stays() -> None:
    bench = Bench()
    bench.check(HOME, 1.0)
    for port in range(MAX_ADDRESSES + 5):
        bench.check(("192.0.2.9", 1 + port), 1.0)
    assert len(bench.endpoint.addresses) == MAX_ADDRESSES
    bench.mux.receive(MEDIA, HOME, 1.1)
    assert bench.media == 1
    for ssrc in range(100):
        bench.mux.learn_ssrc(bench.endpoint, ssrc)
    assert len(bench.endpoint.ssrcs) == MAX_SSRCS


def test_a_removed_endpoint_leaves_nothing_behind() -> None:
    bench = Bench()
    other = Endpoint(lambda: None, lambda _: None, lambda _data, _now: False)
    bench.mux.add(other, 0.0)
    bench.check(HOME, 1.0)
    for endpoint in (bench.endpoint, other):
        bench.mux.learn_ssrc(endpoint, 77)
    bench.mux.remove(bench.endpoint)
    bench.check(HOME, 2.0)
    for data in (MEDIA, DTLS):
        bench.mux.receive(data, HOME, 2.0)
    assert bench.media == 0
    bench.mux.remove(other)
    assert bench.mux._by_address == {}
    assert bench.mux._by_ufrag == {}
    assert bench.mux._by_ssrc == {}


def test_an_address_goes_to_the_peer_that_last_proved_it() -> None:
    bench = Bench()
    bench.check(HOME, 1.0)
    other = Endpoint(lambda: None, lambda _: None, lambda _data, _now: True)
    bench.mux.add(other, 1.0)
    first, bench.endpoint = bench.endpoint, other
    bench.check(HOME, 2.0)
    assert other.address == HOME
    bench.mux.remove(first)
    bench.mux.receive(DTLS, HOME, 3.0)
    assert bench.counters.drops == {}


def test_packets_beyond_what_a_page_sends_are_not_decrypted() -> None:
    bench = Bench()
    bench.check(HOME, 1.0)
    for _ in range(PACKETS_BURST + 10):
        bench.mux.receive(MEDIA, HOME, 2.0)
    assert bench.media == PACKETS_BURST
    assert bench.counters.drops == {"peer_flood": 10}
    for _ in range(PACKETS_PER_S):
        bench.mux.receive(MEDIA, HOME, 2.5)
    assert bench.media == PACKETS_BURST + PACKETS_PER_S / 2
    bench.mux.receive(REPORT, HOME, 2.5)
    assert bench.media == PACKETS_BURST + PACKETS_PER_S / 2 + 1, "reports still pass"


def test_reports_are_counted_by_their_bytes() -> None:
    bench = Bench()
    bench.check(HOME, 1.0)
    long = REPORT + bytes(1000 - len(REPORT))
    for _ in range(REPORT_BYTES_BURST // 1000 + 3):
        bench.mux.receive(long, HOME, 2.0)
    assert bench.media == REPORT_BYTES_BURST // 1000
    assert bench.counters.drops == {"peer_flood": 3}


def test_more_streams_than_a_page_has_are_not_decrypted() -> None:
    bench = Bench()
    bench.check(HOME, 1.0)
    bench.mux.learn_ssrc(bench.endpoint, 77)
    for ssrc in range(1000, 1000 + MAX_SSRCS - 1):
        bench.mux.receive(MEDIA[:8] + ssrc.to_bytes(4, "big") + bytes(20), HOME, 2.0)
        bench.mux.learn_ssrc(bench.endpoint, ssrc)
    before = bench.media
    bench.mux.receive(MEDIA[:8] + (9).to_bytes(4, "big") + bytes(20), HOME, 2.0)
    bench.mux.receive(REPORT, HOME, 2.0)
    assert bench.media == before
    assert bench.counters.drops == {"peer_streams": 2}
    bench.mux.receive(MEDIA, HOME, 2.0)
    assert bench.media == before + 1, "the streams it has go on"


def test_a_flood_of_handshakes_or_checks_ends_before_it_costs() -> None:
    bench = Bench()
    bench.check(HOME, 1.0)
    for _ in range(CONTROL_BURST + 4):
        bench.mux.receive(DTLS, HOME, 2.0)
    assert len(bench.dtls) == CONTROL_BURST
    bench.check(HOME, 2.0)
    assert len(bench.sent) == 1
    assert bench.counters.drops == {"control_flood": 5}
    bench.check(HOME, 3.0)
    assert len(bench.sent) == 2


def test_packets_of_nobody_are_tried_with_so_many_peers_and_no_more() -> None:
    """Viewers share SSRC 1, so a packet from an unknown address may be of any of them."""
    bench = Bench()
    bench.authentic = False
    bench.mux.learn_ssrc(bench.endpoint, 78)
    for _ in range(TRIES_BURST + 5):
        bench.mux.receive(REPORT, AWAY, 1.0)
    assert bench.media == TRIES_BURST
    assert bench.counters.drops == {"media_unknown_address": TRIES_BURST, "media_flood": 5}
    bench.authentic = True
    bench.mux.receive(REPORT, AWAY, 1.1)
    assert bench.endpoint.address == AWAY, "a moment later it is found"


def test_tables_are_as_long_as_what_they_know() -> None:
    bench = Bench()
    bench.check(HOME, 1.0)
    bench.check(AWAY, 1.0)
    bench.mux.learn_ssrc(bench.endpoint, 77)
    bench.authentic = False
    for port in range(500):  # strangers leave nothing behind
        for data in (MEDIA, REPORT, DTLS, b"\0\1" + bytes(18), b"\x50\x50"):
            bench.mux.receive(data, ("198.51.100.1", port), 2.0)
        bench.check(("198.51.100.1", port), 2.0, password="wrong")
    assert bench.mux.sizes() == {"addresses": 2, "credentials": 1, "streams": 1}


@given(st.binary(max_size=200))
@example(b"")
@example(b"\0")
@example(b"\x80")
@example(b"\0\1\0\x08" + b"\x21\x12\xa4\x42" + bytes(12) + b"\0\6\0\4\xff\xfe\xfd\xfc")
@example(b"\0\1\0\x08" + b"\x21\x12\xa4\x42" + bytes(12) + b"\x80\x28\0\1\0\0\0\0")
def test_any_datagram_is_taken_without_raising(data: bytes) -> None:
    bench = Bench()
    bench.check(HOME, 1.0)
    for address in (HOME, AWAY):
        bench.mux.receive(data, address, 2.0)
    assert bench.endpoint.address == HOME


@given(st.binary(max_size=120), st.integers(0, 119), st.integers(0, 255))
def test_a_damaged_check_is_never_answered(tail: bytes, at: int, value: int) -> None:
    bench = Bench()
    message = stun.Message(
        stun.Method.BINDING,
        stun.Class.REQUEST,
        attributes={"USERNAME": f"{bench.endpoint.ufrag}:them", "USE-CANDIDATE": None},
    )
    message.add_message_integrity(bench.endpoint.password.encode())
    whole = bytearray(bytes(message))
    place = at % (len(whole) - 8)  # FINGERPRINT comes after what integrity covers
    if whole[place] == value:
        whole[place] ^= 0xFF
    else:
        whole[place] = value
    bench.mux.receive(bytes(whole), HOME, 1.0)
    bench.mux.receive(bytes(message) + tail + b"x", HOME, 1.0)
    assert bench.sent == []
