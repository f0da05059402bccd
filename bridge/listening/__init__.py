"""Listening to a few seconds of one site's sound: the only place that decodes any.

The server forwards and never decodes; FFmpeg's decoder, fed with what anybody may send, belongs
into a process of its own, which lives as long as one question (``listener``, ``__main__``).
"""
