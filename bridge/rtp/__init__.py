"""RTP and RTCP as bytes: parsing, building, statistics and rewriting, without a socket or a clock.

Every parser takes any bytes and either answers or raises ``ProtocolError``
(``packet_malformed``); functions that look into a codec's payload answer ``None`` or ``False``.
"""
