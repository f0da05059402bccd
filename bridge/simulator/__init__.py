"""Simulated bridge points: real clients that speak only the public interfaces.

A simulated site opens the websocket with the ``websockets`` client, posts an SDP
offer, brings up ICE and DTLS-SRTP with pieces of aiortc and aioice, and replays
VP8 and Opus that were encoded once. It imports nothing of the server's protocol or
media code on purpose: both ends are then independent implementations of
``docs/protocol.md``, and a misreading of one is not repeated by the other.

``cli``, ``options``, ``run`` are the way in; ``content`` (with ``picture``, ``voice``) makes what a
site shows, ``ice``, ``sdp``, ``transport``, ``publisher``, ``receiver``, ``media`` carry it,
``floor``, ``people``, ``director`` decide what it says, ``site`` ties one site together.
"""
