"""The media plane: one UDP port, ICE-lite, DTLS-SRTP, forwarding without decoding.

``server.MediaServer`` is the only thing other packages use. What flows is
decided by :class:`router.Routes` alone; nothing a client sends changes it.
"""
