"""What a refusal says to a person: the sentence of its code, and who was there first."""

from __future__ import annotations

import datetime as dt
import zoneinfo

from bridge.errors import BridgeError
from bridge.ids import Role
from bridge.server.locales import Catalogues
from bridge.sessions.facts import SessionFacts

__all__ = ["refusal"]


def refusal(
    catalogues: Catalogues, language: str, error: BridgeError, facts: SessionFacts, reader: Role
) -> str:
    """Return the sentences of *error* in *language*.

    If its details name who acted on the same request before (``by``, ``by_role``,
    ``by_site``, ``deed``, ``at``), a second sentence tells a moderator who did what, and when.
    """
    sentence = catalogues.error(language, error)
    details = error.details
    if "deed" not in details or reader is not Role.MODERATOR:
        return sentence
    name = facts.sites.get(str(details["by_site"]))
    site = (name.name.vi if language == "vi" else name.name.en) if name else ""
    who = details["by"] or catalogues.text(
        language, f"error.who.{details['by_role']}", {"site": site}
    )
    at = dt.datetime.fromtimestamp(float(details["at"]), zoneinfo.ZoneInfo(facts.time_zone))
    deed = catalogues.text(language, f"deed.{details['deed']}")
    values = {"who": who, "time": at.strftime("%H:%M:%S"), "deed": deed}
    return f"{sentence} {catalogues.text(language, 'error.who', values)}"
