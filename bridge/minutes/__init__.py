"""The minutes of a session as data: a view of its log, and nothing else. Pure.

``compose`` reads the log from its first entry to its last; ``document`` says what comes
out. Words, dates and files are made of it elsewhere.
"""

from bridge.minutes.chronicle import Entry
from bridge.minutes.compose import compose
from bridge.minutes.document import Minutes, Plan

__all__ = ["Entry", "Minutes", "Plan", "compose"]
