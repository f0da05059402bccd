"""Whose link is too bad to speak over without asking first. Pure.

Says what is known, decides nothing: a moderator may go on all the same.
"""

from __future__ import annotations

from typing import Final

__all__ = ["POOR", "WEAK", "weakness"]

#: Below this score nearly all listeners are dissatisfied (ITU-T G.109); pages call it poor.
POOR: Final = 3.1
#: What is said of a bad link of which no cause is known.
WEAK: Final = "weak"
#: Nothing came of the site any more.
NO_SIGNAL: Final = "no_signal"
#: Not the site's: calling another one would not help.
_OF_OTHERS: Final = frozenset({"server", "remote"})


def weakness(*, connected: bool, since: float, score: float, cause: str) -> str:
    """Return why a link is bad, as a stable word; "" if nothing need be asked.

    Args:
        connected: media comes, or could.
        since: when that last changed, Unix seconds; 0 for a site that never came.
        score: 1.0-4.5, 0 while it is not known.
        cause: of the verdict, "" for none.
    """
    if not connected:
        return NO_SIGNAL if since else ""
    if not 0 < score < POOR or cause in _OF_OTHERS:
        return ""
    return cause or WEAK
