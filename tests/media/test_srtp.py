"""Our use of pylibsrtp's binding, and that it says no to what is wrong."""

from __future__ import annotations

import ctypes
import os

import pylibsrtp
import pytest
from pylibsrtp import Policy, Session
from pylibsrtp import _binding as binding

from bridge.media.srtp import (
    CAPACITY,
    PROTECT,
    TRAILER,
    SrtpPair,
    char_pointer,
    context_address,
    int_pointer,
    protect_address,
)
from bridge.rtp.rtcp import ReceiverReport
from tests.rtp.reference import build_header

PROFILE = Policy.SRTP_PROFILE_AEAD_AES_128_GCM


def session(key: bytes, direction: int) -> Session:
    policy = Policy(key=key, ssrc_type=direction, srtp_profile=PROFILE)
    policy.allow_repeat_tx = True
    policy.window_size = 1024
    return Session(policy)


def pair() -> tuple[SrtpPair, SrtpPair]:
    keys = os.urandom(28), os.urandom(28)
    inbound, outbound = Policy.SSRC_ANY_INBOUND, Policy.SSRC_ANY_OUTBOUND
    return (
        SrtpPair(session(keys[0], inbound), session(keys[1], outbound)),
        SrtpPair(session(keys[1], inbound), session(keys[0], outbound)),
    )


PACKET = build_header(96, False, 7, 9, 11, has_ext=False) + b"payload"


def test_the_private_names_we_use_are_there() -> None:
    assert pylibsrtp.__version__.startswith("1.0.")
    assert binding.ffi.typeof(Session()._srtp[0]).kind == "pointer"
    for name in ("srtp_protect", "srtp_unprotect", "srtp_protect_rtcp", "srtp_unprotect_rtcp"):
        arguments = binding.ffi.typeof(getattr(binding.lib, name)).args
        assert len(arguments) == 3
        assert [a.kind for a in arguments] == ["pointer"] * 3
    assert protect_address() != 0
    assert context_address(pair()[0]) != 0


def test_another_srtp_protect_has_no_address_for_c_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge.media.srtp.PROTECT", binding.lib.srtp_create)
    assert protect_address() == 0


def test_packets_pass_both_ways_once() -> None:
    here, there = pair()
    wire = here.protect(PACKET)
    assert wire is not None
    assert wire != PACKET
    assert len(wire) == len(PACKET) + 16
    assert there.unprotect(wire) == PACKET
    assert there.unprotect(wire) is None, "a replay"
    report = ReceiverReport(3).to_bytes()
    control = there.protect_rtcp(report)
    assert control is not None
    assert here.unprotect_rtcp(control) == report
    assert here.unprotect_rtcp(b"\x80\xc9" + bytes(30)) is None


def test_the_same_as_pylibsrtp_itself() -> None:
    key = os.urandom(28)
    ours = SrtpPair(session(key, Policy.SSRC_ANY_INBOUND), session(key, Policy.SSRC_ANY_OUTBOUND))
    assert ours.protect(PACKET) == session(key, Policy.SSRC_ANY_OUTBOUND).protect(PACKET)


def test_the_hot_path_encrypts_in_memory_of_its_own() -> None:
    here, there = pair()
    memory = ctypes.create_string_buffer(PACKET, CAPACITY)
    length = ctypes.c_int(len(PACKET))
    pointers = char_pointer(ctypes.addressof(memory)), int_pointer(ctypes.addressof(length))
    assert PROTECT(here.context, *pointers) == 0
    assert length.value == len(PACKET) + 16
    assert there.unprotect(memory.raw[: length.value]) == PACKET


def test_damage_and_length_are_refused() -> None:
    here, there = pair()
    wire = here.protect(PACKET)
    assert wire is not None
    assert there.unprotect(wire[:-1] + bytes((wire[-1] ^ 1,))) is None
    assert there.unprotect(b"") is None
    assert there.unprotect(bytes(CAPACITY)) is None
    assert here.protect(PACKET + bytes(CAPACITY - TRAILER)) is None
    longest = PACKET + bytes(CAPACITY - TRAILER - len(PACKET))
    assert here.protect(longest) is not None
